import { sha256 } from '../lib/crypto.ts';
import type { ReportedEvent } from '../providers/webhooks.ts';

/**
 * The same for each repeat of a report and for nothing else: the vendor's id of the event where it
 * has one, else what the event says.
 */
export function fingerprintOf(connectionId: string, event: ReportedEvent): string {
  const { providerEventId, emailId, providerMessageId, recipient, word, occurredAt, url } = event;
  const parts =
    providerEventId === null
      ? [emailId ?? providerMessageId, recipient?.toLowerCase(), word, occurredAt?.getTime(), url]
      : // A vendor may give one id to a report on several recipients.
        [providerEventId, recipient?.toLowerCase(), word];
  return sha256(JSON.stringify([connectionId, ...parts])).toString('base64url');
}
