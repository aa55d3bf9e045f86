import { Type, type Static } from 'typebox';
import { Id, nullable, Timestamp } from './common.ts';

/** `test` keys only ever reach the sandbox. */
export const API_KEY_MODES = ['live', 'test'] as const;
export type ApiKeyMode = (typeof API_KEY_MODES)[number];

/** `full` may do everything, `send` only send, `read` only read. */
export const API_KEY_ROLES = ['full', 'send', 'read'] as const;
export type ApiKeyRole = (typeof API_KEY_ROLES)[number];

export const CreateApiKeyRequest = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200 }),
    expires_at: Type.Optional(nullable(Timestamp)),
    mode: Type.Optional(Type.Enum([...API_KEY_MODES], { default: 'live' })),
    role: Type.Optional(Type.Enum([...API_KEY_ROLES], { default: 'full' })),
    domain: Type.Optional(
      nullable(
        Type.String({
          maxLength: 253,
          description: 'The one domain such a key may send from; for keys with role `send`.',
        }),
      ),
    ),
  },
  { additionalProperties: false },
);
export type CreateApiKeyRequest = Static<typeof CreateApiKeyRequest>;

export const ApiKey = Type.Object({
  id: Id,
  name: Type.String(),
  prefix: Type.String({ description: 'The first characters of the key, to tell keys apart.' }),
  mode: Type.Enum([...API_KEY_MODES]),
  role: Type.Enum([...API_KEY_ROLES]),
  domain: nullable(Type.String({ description: 'The one domain it may send from.' })),
  status: Type.Enum(['active', 'revoked', 'expired']),
  last_used_at: nullable(Timestamp),
  expires_at: nullable(Timestamp),
  revoked_at: nullable(Timestamp),
  created_at: Timestamp,
});
export type ApiKey = Static<typeof ApiKey>;

/** `raw_key` is shown this once and stored nowhere. */
export const CreatedApiKey = Type.Intersect([ApiKey, Type.Object({ raw_key: Type.String() })]);
export type CreatedApiKey = Static<typeof CreatedApiKey>;
