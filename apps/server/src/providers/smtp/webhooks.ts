import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '../../lib/crypto.ts';
import type { ProviderWebhooks, WebhookSetup, WebhookVerdict } from '../webhooks.ts';
import { readReport } from './dsn.ts';

const USER = 'courierx';
const SECRET = /^[!-~]{16,255}$/;

/** A mail server has no webhook: its bounces are posted as they are, with the secret beside them. */
export function createSmtpWebhooks(): ProviderWebhooks {
  return {
    secretIsOurs: true,
    tellsFailuresOnly: true,
    checkSecret,
    verify: ({ headers }, { secret }) =>
      Promise.resolve(verifySecret(headers['authorization'] ?? '', secret)),
    read: ({ body }) => readReport(body),
    setup: ({ url, secret }) => Promise.resolve(explain(url, secret !== null)),
  };
}

function checkSecret(secret: string): string[] {
  return SECRET.test(secret)
    ? []
    : ['webhook_secret must be 16 to 255 visible ASCII characters, such as `openssl rand -hex 24`'];
}

function verifySecret(authorization: string, secret: string | null): WebhookVerdict {
  if (secret === null || !SECRET.test(secret)) {
    return forged('The connection has no webhook_secret: set one of 16 characters or more');
  }
  const given = secretIn(authorization);
  if (given === null) {
    return forged(`The webhook_secret is needed, as Bearer token or as password of ${USER}`);
  }
  return timingSafeEqual(sha256(given), sha256(secret))
    ? { kind: 'genuine', replayKey: null }
    : forged('This is not the webhook_secret of the connection');
}

function secretIn(authorization: string): string | null {
  const [, scheme = '', value = ''] = /^(bearer|basic) +(\S+) *$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() !== 'basic') return value === '' ? null : value;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  return pair.startsWith(`${USER}:`) ? pair.slice(USER.length + 1) : null;
}

function forged(message: string): WebhookVerdict {
  return { kind: 'forged', message };
}

function explain(url: string, hasSecret: boolean): WebhookSetup {
  const makeSecret =
    'Make a secret with `openssl rand -hex 24` and set it as webhook_secret of this connection.';
  return {
    kind: 'manual',
    message: 'A mail server has no webhook: have the bounces that come back posted to CourierX',
    steps: [
      ...(hasSecret ? [] : [makeSecret]),
      'Keep the secret on the mail server in a file /etc/courierx-bounce, readable by the user who delivers its mail only, as one line: header = "Authorization: Bearer …"',
      `Save as an executable script, /usr/local/bin/courierx-bounce: ${scriptFor(url)}`,
      'Bounces go to the address that a mail is from. With Postfix: a line in /etc/aliases, bounces: "|/usr/local/bin/courierx-bounce", and your senders\' addresses forwarded to bounces.',
      'With other servers: a filter (Sieve, procmail) that pipes each message of Content-Type multipart/report to the script.',
    ],
  };
}

/** What is told stands before the mail that came back; a failure is tried again (EX_TEMPFAIL). */
function scriptFor(url: string): string {
  const cut = '{ head -c 4000000; cat > /dev/null; }';
  const post = `curl -fsS -m 60 -K /etc/courierx-bounce -H "Content-Type: message/rfc822" --data-binary @- "${url}"`;
  return `#!/bin/sh\n${cut} | ${post} > /dev/null || exit 75`;
}
