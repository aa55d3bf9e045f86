import type pg from 'pg';
import { suppressionKey } from '../lib/address.ts';
import { newId } from '../lib/ids.ts';
import type { WebhookConnection } from './find-connection.ts';
import type { LedgerEvent } from './ledger-event.ts';
import {
  evidenceOf,
  SOFT_BOUNCE_REST_DAYS,
  SOFT_BOUNCE_WINDOW_DAYS,
  SOFT_BOUNCES,
} from './policy/suppression.ts';

type Input = {
  readonly heard: Pick<WebhookConnection, 'connection' | 'provider'>;
  readonly emailId: string;
  readonly events: readonly LedgerEvent[];
};

/** Draws from new events what they prove of their addresses, in the transaction that records them. */
export async function recordEvidence(client: pg.PoolClient, input: Input): Promise<void> {
  const { accountId } = input.heard.connection;
  for (const ledgerEvent of input.events) {
    const address = suppressionKey(ledgerEvent.recipient);
    const evidence = evidenceOf(ledgerEvent.event.type, ledgerEvent.bounceType);
    switch (evidence.kind) {
      case 'none':
        break;
      case 'alive':
        await client.query({
          name: 'end-soft-bounces',
          text: 'delete from soft_bounces where account_id = $1 and address = $2',
          values: [accountId, address],
        });
        break;
      case 'soft_bounce':
        await countSoftBounce(client, input, ledgerEvent);
        break;
      case 'suppress':
        await suppress(client, {
          accountId,
          address,
          reason: evidence.reason,
          restDays: null,
          evidence: toEvidence(input, ledgerEvent),
        });
    }
  }
}

async function countSoftBounce(
  client: pg.PoolClient,
  input: Input,
  ledgerEvent: LedgerEvent,
): Promise<void> {
  const { accountId } = input.heard.connection;
  const address = suppressionKey(ledgerEvent.recipient);
  const result = await client.query<{ mails: number }>({
    name: 'count-soft-bounce',
    text: COUNT,
    values: [accountId, address, input.emailId, SOFT_BOUNCE_WINDOW_DAYS],
  });
  const mails = result.rows[0]?.mails ?? 0;
  if (mails < SOFT_BOUNCES) return;
  await suppress(client, {
    accountId,
    address,
    reason: 'bounce',
    restDays: SOFT_BOUNCE_REST_DAYS,
    evidence: { ...toEvidence(input, ledgerEvent), soft_bounces: mails },
  });
}

function toEvidence({ heard, emailId }: Input, { id, event, bounceType }: LedgerEvent) {
  return {
    event_id: id,
    email_id: emailId,
    provider_connection_id: heard.connection.id,
    provider: heard.provider,
    event_type: event.type,
    bounce_type: bounceType,
    enhanced_status: event.bounce?.enhancedStatus ?? null,
    detail: event.detail,
    occurred_at: event.occurredAt,
  };
}

async function suppress(
  client: pg.PoolClient,
  suppression: {
    readonly accountId: string;
    readonly address: string;
    readonly reason: string;
    /** Null: for good. */
    readonly restDays: number | null;
    readonly evidence: object;
  },
): Promise<void> {
  const { accountId, address, reason, restDays, evidence } = suppression;
  await client.query({
    name: 'suppress-by-evidence',
    text: SUPPRESS,
    values: [accountId, address, reason, newId(), JSON.stringify(evidence), restDays],
  });
}

/** A mail counts once, however often it is said of it. */
const COUNT = `
insert into soft_bounces as s (account_id, address, mails, last_email_id, since)
values ($1, $2, 1, $3, now())
on conflict (account_id, address) do update
set mails = case when s.since < now() - $4::int * interval '1 day' then 1
                 when s.last_email_id = excluded.last_email_id then s.mails
                 else s.mails + 1 end,
    since = case when s.since < now() - $4::int * interval '1 day' then now() else s.since end,
    last_email_id = excluded.last_email_id
returning mails`;

/** What stands for good is not shortened; what has ended, or ends sooner, is renewed. */
const SUPPRESS = `
insert into suppressions as s (account_id, address, reason, id, evidence, expires_at)
values ($1, $2, $3, $4, $5, now() + $6::int * interval '1 day')
on conflict (account_id, address, reason) do update
set evidence = excluded.evidence, expires_at = excluded.expires_at
where s.expires_at is not null
  and (excluded.expires_at is null or excluded.expires_at > s.expires_at)`;
