import autocannon from 'autocannon';

/** What one burst of requests came to. */
export type LoadResult = {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly not202: number;
};

/** A mail of about 1.5 KB, as JSON. */
export const MAIL = JSON.stringify({
  from_email: 'hello@yourapp.example',
  to_email: 'user@example.com',
  subject: 'Your order has been shipped',
  html_body: `<p>${'All work and no play makes mail a dull thing. '.repeat(31)}</p>`,
  tags: ['order'],
  metadata: { user_id: 'usr_123' },
});

/** Posts mails over 64 connections for `seconds`, or until `amount` are answered. */
export async function runLoad(options: {
  url: string;
  token: string;
  seconds?: number;
  amount?: number;
}): Promise<LoadResult> {
  const { url, token, seconds, amount } = options;
  const result = await autocannon({
    url: `${url}/api/v1/emails`,
    method: 'POST',
    connections: 64,
    ...(amount === undefined ? { duration: seconds ?? 5 } : { amount }),
    // How often it looks whether all are answered: once a second, the default, rounds the rate down.
    sampleInt: 20,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: MAIL,
  });
  return {
    perSecond: result['2xx'] / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    not202: result.non2xx + result.errors + result.timeouts,
  };
}
