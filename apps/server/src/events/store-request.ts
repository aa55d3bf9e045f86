import type pg from 'pg';
import { sha256 } from '../lib/crypto.ts';
import { newId } from '../lib/ids.ts';
import type { WebhookRequest } from '../providers/webhooks.ts';

/**
 * Keeps a genuine request. `repeated`: the same one is kept already; `altered`: its key is, with
 * another body.
 */
export async function storeRequest(
  pool: pg.Pool,
  stored: {
    readonly accountId: string;
    readonly connectionId: string;
    readonly replayKey: string | null;
    readonly request: WebhookRequest;
  },
): Promise<'stored' | 'repeated' | 'altered'> {
  const { accountId, connectionId, replayKey, request } = stored;
  const hash = sha256(request.body);
  const result = await pool.query<{ inserted: boolean; same: boolean | null }>({
    name: 'store-webhook-request',
    text: SQL,
    values: [
      accountId,
      newId(),
      connectionId,
      replayKey,
      hash,
      JSON.stringify(withoutCredentials(request.headers)),
      request.body,
    ],
  });
  const [row] = result.rows;
  if (row?.inserted === true) return 'stored';
  return row?.same === false ? 'altered' : 'repeated';
}

/** Some providers prove themselves with the webhook secret itself, which is kept encrypted only. */
function withoutCredentials(headers: WebhookRequest['headers']): WebhookRequest['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'authorization'));
}

const SQL = `
with inserted as (
  insert into webhook_requests (account_id, id, connection_id, replay_key, body_hash, headers, body)
  values ($1, $2, $3, $4, $5, $6, $7)
  on conflict (account_id, connection_id, replay_key) do nothing
  returning id
),
heard as (
  update connections set last_event_at = now(), silent_since = null
  where account_id = $1 and id = $3 and exists (select 1 from inserted)
)
select exists (select 1 from inserted) as inserted,
       (select body_hash = $5 from webhook_requests
        where account_id = $1 and connection_id = $3 and replay_key = $4) as same`;
