import type { LearnedFacts, ProviderConnection } from '@courierx/contract';
import type { Selectable } from 'kysely';
import type { ConnectionsTable, StoredLearned } from '../../db/types.ts';
import type { ConnectionSettings } from '../../providers/connection.ts';
import { healthToWire } from './health-to-wire.ts';
import type { StoredBreaker } from './rows.ts';

type Row = Omit<Selectable<ConnectionsTable>, 'secrets'> & {
  readonly breakers: readonly StoredBreaker[];
};

/** `baseUrl`: where this server is reached from outside, without a slash at the end. */
export function toWire(
  row: Row,
  { baseUrl, now }: { baseUrl: string; now: Date },
): ProviderConnection {
  const settings: ConnectionSettings = row.settings;
  const health = healthToWire(row, now);
  const isPaused = row.pausedUntil !== null && row.pausedUntil > now;
  const isDown = health.state === 'down';
  return {
    id: row.id,
    provider: row.provider,
    display_name: row.displayName,
    priority: row.priority,
    enabled: row.disabledAt === null,
    status: row.status,
    verification: { status: row.verificationStatus, message: row.verificationMessage },
    verified_at: row.verifiedAt?.toISOString() ?? null,
    credentials_hint: row.secretsHint,
    region: settings.region ?? null,
    configuration_set: settings.configuration_set ?? null,
    message_stream: settings.message_stream ?? null,
    smtp_host: settings.smtp_host ?? null,
    smtp_port: settings.smtp_port ?? null,
    smtp_tls: settings.smtp_tls ?? null,
    smtp_sessions: settings.smtp_sessions ?? null,
    endpoint: settings.endpoint ?? null,
    webhook_url: `${baseUrl}/api/v1/webhooks/${row.provider}/${row.webhookToken}`,
    webhook_secret_set: row.webhookSecret !== null,
    webhook_status: webhookStatusOf(row),
    last_event_at: row.lastEventAt?.toISOString() ?? null,
    paused_until: isDown
      ? health.next_probe_at
      : isPaused
        ? (row.pausedUntil?.toISOString() ?? null)
        : null,
    pause_reason: isDown ? health.reason : isPaused ? row.pauseReason : null,
    health,
    max_per_second: row.maxPerSecond,
    max_per_day: row.maxPerDay,
    max_per_month: row.maxPerMonth,
    keep_warm_percent: row.keepWarmPercent,
    learned: row.learned && learnedToWire(row.learned),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

function learnedToWire(learned: StoredLearned): LearnedFacts {
  return {
    max_send_rate: learned.maxSendRate,
    daily_quota: learned.dailyQuota,
    sent_today: learned.sentToday,
    sandboxed: learned.isSandboxed,
    verified_senders: learned.verifiedSenders && [...learned.verifiedSenders],
  };
}

/** The sandbox needs no set-up: it tells with its answer. */
function webhookStatusOf(row: Row): ProviderConnection['webhook_status'] {
  if (row.silentSince !== null) return 'silent';
  if (row.lastEventAt !== null || row.provider === 'sandbox') return 'hearing';
  return row.webhookSecret === null ? 'not_set_up' : 'waiting';
}
