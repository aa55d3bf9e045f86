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
};

export const TAGS = {
  Authentication: 'Sign up, log in, and the account behind the token.',
  Emails: 'Send email, and see what became of it.',
  'API keys': 'Keys for `Authorization: Bearer`. A key is shown once, when it is made.',
  'Provider connections': 'The provider accounts that mail goes out through.',
  'Routing rules': 'Which mail goes out through which connections, and in what shares.',
  Domains: 'The domains an account has shown to be its own.',
  Suppressions: 'Addresses that get no mail.',
  'Audit log': 'Who changed what.',
  Sandbox: 'The mails that a sandbox connection took in the place of a provider.',
  Webhooks: 'Endpoints of yours that are told of events, and the log of what they were told.',
  System: 'Probes and figures for operators.',
} as const;

/** See {@link TAGS}. */
export type Tag = keyof typeof TAGS;
