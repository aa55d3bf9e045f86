/** What the description says of an operation beyond its schemas. */
export type Operation = {
  /** Unique and stable: generated clients name their methods by it. */
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  /** A body that works as it stands. */
  readonly example?: Readonly<Record<string, unknown>>;
  /** Answered to anyone, without a token. */
  readonly isOpen?: true;
  /** What a body may be, by content type, where no schema of the route says it. */
  readonly body?: Readonly<Record<string, { schema: object; example?: unknown }>>;
  /** Headers of the request that change what is done, by name. */
  readonly headers?: Readonly<Record<string, { description: string; schema: object }>>;
  /** Statuses of refusals beside those that follow from its shape. */
  readonly refusals?: readonly number[];
};

export const TAGS = {
  Authentication: 'Sign up, log in, and the account behind the token.',
  Emails: 'Send email, and see what became of it.',
  'API keys': 'Keys for `Authorization: Bearer`. A key is shown once, when it is made.',
  'Provider connections': 'The provider accounts that mail goes out through.',
  'Routing rules': 'Which mail goes out through which connections, and in what shares.',
  Domains: 'The domains an account has shown to be its own.',
  Suppressions: 'Addresses that get no mail.',
  Analytics: 'What was sent and what became of it, by day.',
  'Audit log': 'Who changed what.',
  Sandbox: 'The mails that a sandbox connection took in the place of a provider.',
  Webhooks: 'Endpoints of yours that are told of events, and the log of what they were told.',
  System: 'Probes and figures for operators.',
} as const;

/** See {@link TAGS}. */
export type Tag = keyof typeof TAGS;
