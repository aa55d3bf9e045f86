import { Type, type Static } from 'typebox';
import { Id, nullable, Timestamp } from './common.ts';
import { EMAIL_STATUSES } from './email.ts';
import { CONNECTION_STATUSES, ConnectionHealth } from './provider-connection.ts';

/** The data of an `email` event of the stream: where the email stands now. */
export const EmailChange = Type.Object({
  id: Id,
  status: Type.Enum([...EMAIL_STATUSES]),
  status_reason: nullable(Type.String()),
  sent_at: nullable(Timestamp),
  updated_at: Timestamp,
});
export type EmailChange = Static<typeof EmailChange>;

/** The data of a `connection` event of the stream: how the connection does now. */
export const ConnectionChange = Type.Object({
  id: Id,
  status: Type.Enum([...CONNECTION_STATUSES]),
  enabled: Type.Boolean(),
  health: ConnectionHealth,
  updated_at: Timestamp,
});
export type ConnectionChange = Static<typeof ConnectionChange>;
