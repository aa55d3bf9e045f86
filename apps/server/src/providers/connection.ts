/** The settings of a connection that are no secret, as stored. */
export type ConnectionSettings = {
  readonly region?: string;
  readonly configuration_set?: string;
  readonly message_stream?: string;
  readonly smtp_host?: string;
  readonly smtp_port?: number;
  readonly smtp_tls?: 'starttls' | 'implicit' | 'none';
  /** At once, from one worker. */
  readonly smtp_sessions?: number;
  /** Replaces the provider's base URL. */
  readonly endpoint?: string;
};

/** The secret part; encrypted at rest, never logged nor shown. */
export type ConnectionSecrets = {
  readonly api_key?: string;
  readonly secret?: string;
};

/** A connection as an adapter sees it. */
export type Connection = {
  readonly id: string;
  readonly accountId: string;
  /** Rises with every change of settings or secrets, so that pools built on the old are dropped. */
  readonly version: number;
  readonly settings: ConnectionSettings;
  readonly secrets: ConnectionSecrets;
};
