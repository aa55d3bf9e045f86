-- The W3C traceparent of the request that brought the mail, where it is traced: what is done with the
-- mail later, on any node, joins that trace. Null costs no space.
alter table emails add column traceparent text;
