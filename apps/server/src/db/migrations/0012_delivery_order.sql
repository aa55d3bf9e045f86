-- Deliveries of one millisecond are listed in their order, too: the 12 bits behind a UUIDv7's
-- milliseconds hold their fraction (RFC 9562, section 6.2, method 3).
create or replace function new_webhook_delivery_id() returns uuid language sql volatile as $$
  select encode(
    overlay(overlay(uuid_send(gen_random_uuid())
                    placing substring(int8send(t.us / 1000) from 3) from 1 for 6)
            placing substring(int8send(28672 + t.us % 1000 * 4096 / 1000) from 7) from 7 for 2),
    'hex')::uuid
  from (select (extract(epoch from clock_timestamp()) * 1000000)::bigint as us) as t
$$;
