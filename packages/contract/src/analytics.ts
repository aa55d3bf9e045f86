import { Type, type Static } from 'typebox';
import { nullable } from './common.ts';
import { PROVIDER_NAMES } from './provider.ts';

export const METRICS_PERIODS = ['7d', '30d', '90d'] as const;
export type MetricsPeriod = (typeof METRICS_PERIODS)[number];

const count = (description: string) => Type.Integer({ minimum: 0, description });

/** Recipients, each once, by what became of them on that day; `accepted` counts mails. */
const EventCounts = {
  sent: count('Recipients a provider took the mail for.'),
  delivered: count('Recipients whose mail server took it.'),
  deferred: count('Recipients whose mail server put it off at least once.'),
  bounced: count('Recipients it came back from.'),
  hard_bounced: count('Those among them whose address does not exist.'),
  complained: count('Recipients who marked it as spam.'),
  opened: count('Recipients who opened it.'),
  clicked: count('Recipients who clicked a link.'),
  unsubscribed: count('Recipients who unsubscribed.'),
  failed: count('Recipients it was given up for.'),
  suppressed: count('Recipients it was not sent to, as their address is suppressed.'),
};

export const UsageCounts = Type.Object({
  accepted: count('Mails taken by the API.'),
  ...EventCounts,
});
export type UsageCounts = Static<typeof UsageCounts>;

const rate = (description: string) => Type.Number({ minimum: 0, description });

/** Shares, 0 to 1 where everything falls into the period; 0 where there is nothing to share. */
export const UsageRates = Type.Object({
  delivered: rate('Of the recipients sent to.'),
  bounced: rate('Of the recipients sent to.'),
  complained: rate('Of the recipients delivered to.'),
  opened: rate('Of the recipients delivered to.'),
  clicked: rate('Of the recipients delivered to.'),
});
export type UsageRates = Static<typeof UsageRates>;

const day = Type.String({ format: 'date', description: 'A day, in UTC.' });

export const MetricsQuery = Type.Object(
  { period: Type.Optional(Type.Enum([...METRICS_PERIODS], { default: '30d' })) },
  { additionalProperties: false },
);
export type MetricsQuery = Static<typeof MetricsQuery>;

/** Figures of a period that ends today; a day without mail has zeros. */
export const Metrics = Type.Object({
  period: Type.Enum([...METRICS_PERIODS]),
  from: day,
  to: day,
  totals: UsageCounts,
  rates: UsageRates,
  daily: Type.Array(Type.Object({ date: day, ...UsageCounts.properties })),
});
export type Metrics = Static<typeof Metrics>;

export const UsageQuery = Type.Object(
  {
    from: Type.Optional(
      Type.String({ description: 'The first day. Default: 29 days before `to`.' }),
    ),
    to: Type.Optional(Type.String({ description: 'The last day, included. Default: today.' })),
  },
  { additionalProperties: false },
);
export type UsageQuery = Static<typeof UsageQuery>;

/** One day of one provider; null for what no provider was asked for. */
export const UsageStat = Type.Object({
  date: day,
  provider: nullable(Type.Enum([...PROVIDER_NAMES])),
  ...EventCounts,
});
export type UsageStat = Static<typeof UsageStat>;
