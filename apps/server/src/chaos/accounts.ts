import type { OnUnknown } from '@courierx/contract';
import { callApi } from './api.ts';
import type { Fate } from './law.ts';
import type { Sink } from './sink.ts';

/** A customer of the system under test. */
export type TestAccount = { readonly onUnknown: OnUnknown; readonly token: string };

/** What stands before the @ says what becomes of mail to it. */
const DOMAIN = 'chaos.example';
const SUPPRESSED = `suppressed@${DOMAIN}`;

export const addressOf = (fate: Fate, n: number) =>
  fate === 'suppressed' ? SUPPRESSED : `${fate}-${n}@${DOMAIN}`;

export function fateOf(address: string): Fate {
  if (address === SUPPRESSED) return 'suppressed';
  return address.startsWith('refused') ? 'refused' : 'taken';
}

/** One account for each policy, with both sinks as its connections, in turn the one first. */
export async function createAccounts(
  url: string,
  sinks: { readonly http: Sink; readonly smtp: Sink },
): Promise<TestAccount[]> {
  const accounts: TestAccount[] = [];
  for (const onUnknown of ['fail_over', 'hold', 'resend'] as const) {
    const token = await signUp(url, onUnknown);
    const httpFirst = onUnknown !== 'hold';
    await callApi(url, {
      method: 'POST',
      path: '/provider_connections',
      token,
      body: {
        provider: 'sendgrid',
        display_name: 'SendGrid',
        priority: httpFirst ? 1 : 2,
        api_key: 'SG.chaos',
        endpoint: `http://127.0.0.1:${sinks.http.port}`,
      },
    });
    await callApi(url, {
      method: 'POST',
      path: '/provider_connections',
      token,
      body: {
        provider: 'smtp',
        display_name: 'SMTP',
        priority: httpFirst ? 2 : 1,
        smtp_host: '127.0.0.1',
        smtp_port: sinks.smtp.port,
        smtp_tls: 'none',
      },
    });
    await callApi(url, {
      method: 'POST',
      path: '/suppressions',
      token,
      body: { email: SUPPRESSED, reason: 'manual' },
    });
    accounts.push({ onUnknown, token });
  }
  return accounts;
}

async function signUp(url: string, onUnknown: OnUnknown): Promise<string> {
  const password = crypto.randomUUID();
  const { token: session } = await callApi<{ token: string }>(url, {
    method: 'POST',
    path: '/auth/register',
    body: {
      name: onUnknown,
      email: `${onUnknown}@${DOMAIN}`,
      password,
      password_confirmation: password,
    },
  });
  await setPolicy(url, { onUnknown, token: session });
  const { raw_key: token } = await callApi<{ raw_key: string }>(url, {
    method: 'POST',
    path: '/api_keys',
    token: session,
    body: { name: 'chaos' },
  });
  return token;
}

/** Also makes the account's waiting mail due. */
export async function setPolicy(url: string, { onUnknown, token }: TestAccount): Promise<void> {
  await callApi(url, {
    method: 'PATCH',
    path: '/auth/me',
    token,
    body: { on_unknown: onUnknown },
  });
}
