import { Type, type Static } from 'typebox';
import { Id, Timestamp } from './common.ts';

/** What happens to a mail whose attempt ended without an answer after bytes were sent. */
export const ON_UNKNOWN = ['fail_over', 'hold', 'resend'] as const;
export type OnUnknown = (typeof ON_UNKNOWN)[number];

/** What happens to a mail whose provider refused our credentials. */
export const ON_AUTH_FAILURE = ['stop', 'fail_over'] as const;
export type OnAuthFailure = (typeof ON_AUTH_FAILURE)[number];

const Name = Type.String({ minLength: 1, maxLength: 200 });
const Email = Type.String({ minLength: 3, maxLength: 254 });
const Password = Type.String({
  minLength: 8,
  maxLength: 1024,
  description: 'At least 8 characters.',
});

export const RegisterRequest = Type.Object(
  { name: Name, email: Email, password: Password, password_confirmation: Type.String() },
  { additionalProperties: false },
);
export type RegisterRequest = Static<typeof RegisterRequest>;

export const LoginRequest = Type.Object(
  { email: Type.String({ maxLength: 1024 }), password: Type.String({ maxLength: 1024 }) },
  { additionalProperties: false },
);
export type LoginRequest = Static<typeof LoginRequest>;

export const UpdateAccountRequest = Type.Object(
  {
    name: Type.Optional(Name),
    on_unknown: Type.Optional(Type.Enum([...ON_UNKNOWN])),
    on_auth_failure: Type.Optional(Type.Enum([...ON_AUTH_FAILURE])),
  },
  { additionalProperties: false, minProperties: 1 },
);
export type UpdateAccountRequest = Static<typeof UpdateAccountRequest>;

export const Account = Type.Object({
  id: Id,
  name: Type.String(),
  email: Type.String(),
  on_unknown: Type.Enum([...ON_UNKNOWN]),
  on_auth_failure: Type.Enum([...ON_AUTH_FAILURE]),
  created_at: Timestamp,
});
export type Account = Static<typeof Account>;

export const AccountAnswer = Type.Object({ account: Account });
export type AccountAnswer = Static<typeof AccountAnswer>;

/** `token` is a JWT for `Authorization: Bearer`, good for 24 hours. */
export const SessionAnswer = Type.Object({
  token: Type.String(),
  expires_at: Timestamp,
  account: Account,
});
export type SessionAnswer = Static<typeof SessionAnswer>;
