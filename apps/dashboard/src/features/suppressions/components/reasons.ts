import type { Suppression, SuppressionReason } from '@courierx/contract';
import type { Tone } from '../../../components/ui/badge.tsx';
import { humanize } from '../../../lib/format.ts';

export const REASON_TONES: Readonly<Record<SuppressionReason, Tone>> = {
  bounce: 'bad',
  complaint: 'bad',
  unsubscribe: 'warn',
  manual: 'plain',
};

/** What CourierX writes into `evidence`; a list that was imported may hold anything. */
export function readEvidence({ evidence }: Suppression) {
  const text = (name: string): string | null => {
    const value = evidence?.[name];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const softBounces = evidence?.['soft_bounces'];
  return {
    emailId: text('email_id'),
    event: text('event_type'),
    bounceType: text('bounce_type'),
    provider: text('provider'),
    status: text('enhanced_status'),
    detail: text('detail'),
    occurredAt: text('occurred_at'),
    softBounces: typeof softBounces === 'number' ? softBounces : null,
  };
}

export function summaryOf(row: Suppression): string {
  const { event, bounceType, provider, detail, softBounces } = readEvidence(row);
  if (row.note !== null) return row.note;
  if (event === null) return '';
  const what = softBounces === null ? eventName(event, bounceType) : `${softBounces} soft bounces`;
  const whose = provider === null ? what : `${what}, told by ${humanize(provider)}`;
  return detail === null ? whose : `${whose}: ${detail}`;
}

export function eventName(event: string, bounceType: string | null): string {
  return bounceType === null ? humanize(event) : `${humanize(event)} (${bounceType})`;
}
