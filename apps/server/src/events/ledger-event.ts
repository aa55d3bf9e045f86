import type { EmailEventType } from '../providers/event.ts';
import type { ReportedEvent } from '../providers/webhooks.ts';

/** A report in a word that this version knows. */
export type KnownEvent = ReportedEvent & { readonly type: EmailEventType };

/** An event as the ledger has it: of one recipient. */
export type LedgerEvent = {
  readonly id: string;
  readonly fingerprint: string;
  readonly recipient: string;
  readonly bounceType: 'hard' | 'soft' | null;
  readonly event: KnownEvent;
};
