/**
 * The words for what happens to one recipient's copy of an email. Every provider's own words are
 * mapped to these by table.
 */
export const EMAIL_EVENT_TYPES = [
  /** A provider took the mail over; it is not yet at the recipient. */
  'sent',
  /** The recipient's mail server accepted it. */
  'delivered',
  /** The recipient's mail server put it off; the provider goes on trying. */
  'deferred',
  /** It came back, for good (hard) or for now (soft). */
  'bounced',
  /** The recipient marked it as spam. */
  'complained',
  'opened',
  'clicked',
  'unsubscribed',
  /** It could not be sent after all attempts, or was refused. */
  'failed',
  /** Left out because of the suppression list, ours or the provider's. */
  'suppressed',
] as const;

/** See {@link EMAIL_EVENT_TYPES}. */
export type EmailEventType = (typeof EMAIL_EVENT_TYPES)[number];
