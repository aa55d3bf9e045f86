/** What a provider's API is asked. */
export type ProviderRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
};

/** What came back: an answer, or how far the request got without one. */
export type ProviderResponse =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      /** At most 64 KiB of the body. */
      readonly body: string;
    }
  | {
      readonly kind: 'not_sent' | 'no_answer';
      /** `not_sent`: the request certainly never left whole. `no_answer`: it may have. */
      readonly reason:
        | 'dns_failed'
        | 'connect_failed'
        | 'connect_timeout'
        | 'tls_failed'
        | 'address_blocked'
        | 'response_timeout'
        | 'connection_lost';
      readonly detail: string;
    };

/** One HTTP client for every adapter: reused connections, separate time limits, no redirects. */
export type ProviderHttp = {
  request(request: ProviderRequest, signal: AbortSignal): Promise<ProviderResponse>;
  close(): Promise<void>;
};
