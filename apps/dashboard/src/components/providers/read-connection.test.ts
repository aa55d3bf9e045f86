import type { ProviderConnection } from '@courierx/contract';
import { describe, expect, it } from 'vitest';
import { readCredentials, readNew, readSettings } from './read-connection.ts';

const smtp = {
  ...{ provider: 'smtp', smtp_host: 'mail.yourapp.com', smtp_port: 587, smtp_tls: null },
  endpoint: null,
} as unknown as ProviderConnection;
const mailgun = {
  ...{ provider: 'mailgun', smtp_host: 'mg.yourapp.com', region: 'eu' },
  endpoint: 'https://proxy.yourapp.com',
} as unknown as ProviderConnection;

describe('a form of a connection', () => {
  it('gives numbers as numbers', () => {
    const fields = { provider: 'smtp', smtp_host: 'mail.yourapp.com', smtp_port: '2525' };
    expect(readNew({ ...fields, max_per_second: '0.5' })).toEqual({
      ...fields,
      ...{ smtp_port: 2525, max_per_second: 0.5 },
    });
  });

  it('takes emptied caps away', () => {
    expect(readSettings({ display_name: 'Main', priority: '2', max_per_day: '100' })).toEqual({
      ...{ display_name: 'Main', priority: 2, keep_warm_percent: 0 },
      ...{ max_per_second: null, max_per_day: 100, max_per_month: null },
    });
  });

  it('changes only the credentials that differ, and no secret that is left empty', () => {
    expect(readCredentials({ smtp_host: 'mail.yourapp.com', smtp_port: '587' }, smtp)).toEqual({});
    const changed = { smtp_host: 'mail.yourapp.com', smtp_port: '465', secret: 'new' };
    expect(readCredentials(changed, smtp)).toEqual({ smtp_port: 465, secret: 'new' });
  });

  it('takes an emptied endpoint, or number of sessions, away', () => {
    const same = { smtp_host: 'mg.yourapp.com', region: 'eu' };
    expect(readCredentials(same, mailgun)).toEqual({ endpoint: null });
    const limited = { ...smtp, smtp_sessions: 3 };
    const server = { smtp_host: 'mail.yourapp.com', smtp_port: '587' };
    expect(readCredentials(server, limited)).toEqual({ smtp_sessions: null });
    expect(readCredentials({ ...server, smtp_sessions: '5' }, limited)).toEqual({
      smtp_sessions: 5,
    });
  });
});
