import type pg from 'pg';

/** A stored request that this process works on, as long as it holds the lease. */
export type ClaimedRequest = {
  readonly accountId: string;
  readonly id: string;
  readonly connectionId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly tries: number;
};

/** Takes requests that are due, oldest first; a dead worker's come back when the lease is over. */
export async function claimRequests(
  pool: pg.Pool,
  claim: { readonly lease: string; readonly leaseMs: number; readonly limit: number },
): Promise<ClaimedRequest[]> {
  const result = await pool.query<ClaimedRequest>({
    name: 'claim-webhook-requests',
    text: `update webhook_requests r
           set lease = $1, run_at = now() + $2::float8 * interval '1 millisecond', tries = tries + 1
           where (r.account_id, r.id) in (
             select account_id, id from webhook_requests
             where run_at <= now() order by run_at limit $3 for update skip locked)
           returning account_id as "accountId", id, connection_id as "connectionId", headers, body,
                     tries`,
    values: [claim.lease, claim.leaseMs, claim.limit],
  });
  return result.rows;
}

/** What becomes of a request that was worked on. */
export type RequestEnd =
  /** Done; the body is let go of. */
  | { readonly kind: 'done' }
  /** Not to be tried again; kept as it came, for people to look at. */
  | { readonly kind: 'kept'; readonly error: string }
  | { readonly kind: 'retry'; readonly afterMs: number; readonly error: string };

export async function endRequest(
  pool: pg.Pool,
  ended: {
    readonly request: Pick<ClaimedRequest, 'accountId' | 'id'>;
    readonly lease: string;
    readonly end: RequestEnd;
  },
): Promise<void> {
  const { request, lease, end } = ended;
  await pool.query({
    name: 'end-webhook-request',
    text: `update webhook_requests
           set lease = null, error = $4, body = case when $5 then null else body end,
               run_at = case when $6::float8 is null then null
                             else now() + $6::float8 * interval '1 millisecond' end
           where account_id = $1 and id = $2 and lease = $3`,
    values: [
      request.accountId,
      request.id,
      lease,
      'error' in end ? end.error : null,
      end.kind === 'done',
      end.kind === 'retry' ? end.afterMs : null,
    ],
  });
}

/** Deletes what no vendor repeats any more and nobody needs to look at. */
export async function deleteOldRequests(pool: pg.Pool): Promise<void> {
  await pool.query(
    `delete from webhook_requests
     where run_at is null
       and received_at < now() - case when body is null then interval '3 days'
                                      else interval '30 days' end`,
  );
}
