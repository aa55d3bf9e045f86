import type pg from 'pg';
import type { ApiKeyMode, EmailStatus, OnAuthFailure, OnUnknown } from '@courierx/contract';
import type { StoredAddress, StoredHeader, StoredRecipient } from '../db/types.ts';
import type { Claim } from './claim-emails.ts';

/** Everything an attempt needs to know of a claimed email. */
export type LoadedEmail = {
  readonly accountId: string;
  readonly id: string;
  readonly mode: ApiKeyMode;
  readonly messageId: string;
  readonly fromEmail: string;
  readonly fromName: string | null;
  readonly replyTo: readonly StoredAddress[];
  readonly recipients: readonly StoredRecipient[];
  readonly subject: string;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly html: string | null;
  readonly text: string | null;
  readonly headers: readonly StoredHeader[];
  readonly deadline: Date;
  readonly createdAt: Date;
  /** What its trace goes on from; null where it has none. */
  readonly traceparent: string | null;
  /** When it was last put back, or taken in. */
  readonly waitingSince: Date;
  readonly recipientStatuses: readonly EmailStatus[];
  /** Why it waited, in words; null for a fresh one. */
  readonly reason: string | null;
  /** Recipients (lower case) that were suppressed since the email was accepted. */
  readonly suppressed: readonly string[];
  readonly lastAttempt: LastAttempt | null;
  readonly hasAttachments: boolean;
  /** The attachments without their content, in no order. */
  readonly files: readonly { readonly bytes: number; readonly isInline: boolean }[];
  readonly onUnknown: OnUnknown;
  readonly onAuthFailure: OnAuthFailure;
  /** The database's clock: leases and deadlines are told by it alone. */
  readonly now: Date;
};

/** An open one (`outcome` null) was made by a worker that is gone. */
export type LastAttempt = {
  readonly number: number;
  readonly lease: string;
  readonly connectionId: string;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly statusCode: number | null;
  /** As PostgreSQL writes it in JSON. */
  readonly startedAt: string;
};

/** Reads claimed emails; one that is not in the answer has lost its stored parts. */
export async function loadEmails(
  pool: pg.Pool,
  claims: readonly Pick<Claim, 'accountId' | 'emailId'>[],
): Promise<LoadedEmail[]> {
  const result = await pool.query<Row>({
    name: 'load-emails',
    text: SQL,
    values: [claims.map((claim) => claim.accountId), claims.map((claim) => claim.emailId)],
  });
  return result.rows.map((row) => ({
    ...row,
    hasAttachments: row.files !== null,
    files: row.files ?? [],
  }));
}

type Row = Omit<LoadedEmail, 'files' | 'hasAttachments'> & {
  readonly files: LoadedEmail['files'] | null;
};

const SQL = `
select e.account_id as "accountId", e.id, e.mode, e.message_id as "messageId",
       e.from_email as "fromEmail", e.from_name as "fromName", e.reply_to as "replyTo",
       e.recipients, e.subject, e.tags, e.metadata, c.html, c.text, c.headers, e.deadline,
       e.created_at as "createdAt", e.traceparent, s.updated_at as "waitingSince",
       s.recipient_statuses as "recipientStatuses", s.reason,
       array(select r.address from unnest(string_to_array(e.recipient_search, ' ')) as r(address)
             where exists (
               select 1 from suppressions p
               where p.account_id = e.account_id
                 and p.address = any(array[r.address, '*' || substr(r.address, strpos(r.address, '@'))])
                 and (p.expires_at is null or p.expires_at > now()))) as suppressed,
       (select jsonb_build_object('number', t.number, 'lease', t.lease, 'outcome', t.outcome,
                                  'connectionId', t.connection_id, 'reason', t.reason,
                                  'detail', t.detail, 'statusCode', t.status_code,
                                  'startedAt', t.started_at)
        from attempts t where t.account_id = e.account_id and t.email_id = e.id
        order by t.number desc limit 1) as "lastAttempt",
       -- Of a file that is stored apart its length is known without reading it.
       case when exists (select 1 from email_attachments f
                         where f.account_id = e.account_id and f.email_id = e.id)
            then (select jsonb_agg(jsonb_build_object('bytes', octet_length(f.content),
                                                      'isInline', f.content_id is not null))
                  from email_attachments f
                  where f.account_id = e.account_id and f.email_id = e.id)
       end as files,
       a.on_unknown as "onUnknown", a.on_auth_failure as "onAuthFailure", now() as now
from unnest($1::uuid[], $2::uuid[]) as k(account_id, email_id)
join emails e on e.account_id = k.account_id and e.id = k.email_id
join email_contents c on c.account_id = k.account_id and c.email_id = k.email_id
join email_states s on s.account_id = k.account_id and s.email_id = k.email_id
join accounts a on a.id = k.account_id`;
