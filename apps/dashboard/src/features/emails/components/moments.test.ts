import type { EmailDetail } from '@courierx/contract';
import { expect, it } from 'vitest';
import { momentsOf } from './moments.ts';

const at = (second: number) => `2026-03-22T10:00:0${second}.000Z`;

function attempt(number: number, outcome: string | null, second: number) {
  const name = `C${number}`;
  return {
    ...{ number, outcome, provider_connection_name: name, started_at: at(second) },
    ...{ finished_at: outcome === null ? null : at(second), reason: 'server_error', detail: 'no' },
  };
}

const event = (event_type: string, second: number, recipient = 'a@example.com') => ({
  ...{ id: `${event_type} ${second}`, event_type, occurred_at: at(second), recipient },
  ...{ provider: 'smtp', detail: null, url: null },
});

function mail(over: object): EmailDetail {
  const recipients = [{ email: 'a@example.com' }];
  return { created_at: at(0), recipients, attempts: [], events: [], ...over } as never;
}

it('tells a failover in order: the failed attempt, then what came of the next', () => {
  const attempts = [attempt(1, 'failed', 1), attempt(2, 'accepted', 2), attempt(3, null, 4)];
  const events = [event('delivered', 3), event('sent', 2)];
  const told = momentsOf(mail({ attempts, events })).map(({ title, word }) => title ?? word);
  expect(told).toEqual(['Accepted by CourierX', 'Failed at C1', 'sent', 'delivered']);
});

it('names the recipient only where there are several', () => {
  const events = [event('delivered', 3)];
  expect(momentsOf(mail({ events })).at(-1)?.about).toBe('SMTP');
  const recipients = [{ email: 'a@example.com' }, { email: 'b@example.com' }];
  expect(momentsOf(mail({ events, recipients })).at(-1)?.about).toBe('a@example.com · SMTP');
});
