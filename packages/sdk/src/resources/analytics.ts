import { Resource } from '../internal/resource.ts';
import type { CallOptions } from '../internal/transport.ts';
import type { ProviderName } from './provider-connections.ts';

/** Recipients, each once, by what became of them on that day. */
export type EventCounts = {
  sent: number;
  delivered: number;
  deferred: number;
  bounced: number;
  /** Those bounced whose address does not exist. */
  hardBounced: number;
  complained: number;
  opened: number;
  clicked: number;
  unsubscribed: number;
  failed: number;
  suppressed: number;
};

/** `accepted` counts mails, all else recipients. */
export type UsageCounts = EventCounts & { accepted: number };

export type MetricsPeriod = '7d' | '30d' | '90d';

export type Metrics = {
  period: MetricsPeriod;
  /** YYYY-MM-DD, in UTC; both days included. */
  from: string;
  to: string;
  totals: UsageCounts;
  /** Shares, 0 where there is nothing to share. */
  rates: {
    delivered: number;
    bounced: number;
    complained: number;
    opened: number;
    clicked: number;
  };
  /** Every day of the period, the oldest first. */
  daily: (UsageCounts & { date: string })[];
};

export type UsageStat = EventCounts & {
  date: string;
  /** Null for what no provider was asked for. */
  provider: ProviderName | null;
};

export type UsageInput = {
  /** YYYY-MM-DD; default: 29 days before `to`. */
  from?: string | undefined;
  /** YYYY-MM-DD, included; default: today. */
  to?: string | undefined;
};

/** What was sent, and what became of it. */
export class Analytics extends Resource {
  /** Totals, rates and days of a period that ends today. */
  metrics(
    input: { period?: MetricsPeriod | undefined } = {},
    options?: CallOptions,
  ): Promise<Metrics> {
    return this.request(
      { method: 'GET', path: '/dashboard/metrics', query: { ...input } },
      options,
    );
  }

  /** Each day for each provider that was used; at most 400 days. */
  usage(input: UsageInput = {}, options?: CallOptions): Promise<UsageStat[]> {
    return this.request({ method: 'GET', path: '/usage_stats', query: { ...input } }, options);
  }
}
