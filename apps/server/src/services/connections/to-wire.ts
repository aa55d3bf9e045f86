import type { ProviderConnection } from '@courierx/contract';
import type { Selectable } from 'kysely';
import type { ConnectionsTable } from '../../db/types.ts';
import type { ConnectionSettings } from '../../providers/connection.ts';

type Row = Omit<Selectable<ConnectionsTable>, 'secrets'>;

/** `baseUrl`: where this server is reached from outside, without a slash at the end. */
export function toWire(
  row: Row,
  { baseUrl, now }: { baseUrl: string; now: Date },
): ProviderConnection {
  const settings: ConnectionSettings = row.settings;
  const isPaused = row.pausedUntil !== null && row.pausedUntil > now;
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
    endpoint: settings.endpoint ?? null,
    webhook_url: `${baseUrl}/api/v1/webhooks/${row.provider}/${row.webhookToken}`,
    webhook_secret_set: row.webhookSecret !== null,
    paused_until: isPaused ? (row.pausedUntil?.toISOString() ?? null) : null,
    pause_reason: isPaused ? row.pauseReason : null,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}
