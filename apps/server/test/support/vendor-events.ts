import { createHash } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import type { WebhookRequest } from '../../src/providers/webhooks.ts';
import { mailgunRequest } from './mailgun-events.ts';

export type EventKind = 'delivered' | 'opened' | 'clicked' | 'bounced' | 'complained';

/** Something that happened to a mail, told alike however often it is told. */
export type Happening = {
  readonly kind: EventKind;
  readonly emailId: string;
  readonly recipient: string;
  readonly at: Date;
};

/** The same happening always has the same id, as with a vendor that repeats itself. */
function idOf({ kind, emailId, recipient }: Happening): string {
  return createHash('sha256').update(`${kind} ${emailId} ${recipient}`).digest('hex').slice(0, 24);
}

const LINK = 'https://shop.example/order/42';
const UNKNOWN_USER = '550 5.1.1 no such user';
const secondsOf = ({ at }: Happening) => Math.floor(at.getTime() / 1000);

function jsonRequest(body: object, headers: Record<string, string> = {}): WebhookRequest {
  const text = JSON.stringify(body);
  return { headers: { 'content-type': 'application/json', ...headers }, body: Buffer.from(text) };
}

const MAILGUN_WORDS: Record<EventKind, object> = {
  delivered: { event: 'delivered' },
  opened: { event: 'opened' },
  clicked: { event: 'clicked', url: LINK },
  bounced: {
    ...{ event: 'failed', severity: 'permanent', reason: 'bounce' },
    'delivery-status': { code: 550, 'enhanced-code': '5.1.1', message: 'no such user' },
  },
  complained: { event: 'complained' },
};

/** Mailgun signs each request anew, also of an event it has told before. */
export function mailgunRequestOf(happening: Happening, key: string): WebhookRequest {
  const event = {
    id: idOf(happening),
    timestamp: secondsOf(happening),
    recipient: happening.recipient,
    'user-variables': { cx_email_id: happening.emailId },
    ...MAILGUN_WORDS[happening.kind],
  };
  return mailgunRequest(event, { key });
}

const SENDGRID_WORDS: Record<EventKind, object> = {
  delivered: { event: 'delivered', response: '250 2.0.0 OK' },
  opened: { event: 'open' },
  clicked: { event: 'click', url: LINK },
  bounced: { event: 'bounce', type: 'bounce', status: '5.1.1', reason: UNKNOWN_USER },
  complained: { event: 'spamreport' },
};

/** One of the events of a request of SendGrid's. */
export function sendGridEventOf(happening: Happening): object {
  return {
    email: happening.recipient,
    timestamp: secondsOf(happening),
    sg_event_id: idOf(happening),
    cx_email_id: happening.emailId,
    ...SENDGRID_WORDS[happening.kind],
  };
}

function postmarkWordsOf({ kind, recipient, at }: Happening, number: number): object {
  const time = at.toISOString();
  switch (kind) {
    case 'delivered':
      return { RecordType: 'Delivery', Recipient: recipient, DeliveredAt: time };
    case 'opened':
      return { RecordType: 'Open', Recipient: recipient, ReceivedAt: time, FirstOpen: true };
    case 'clicked':
      return { RecordType: 'Click', Recipient: recipient, ReceivedAt: time, OriginalLink: LINK };
    case 'bounced':
      return {
        ...{ RecordType: 'Bounce', ID: number, Type: 'HardBounce', Email: recipient },
        ...{ BouncedAt: time, Inactive: true, Details: `smtp;${UNKNOWN_USER}` },
      };
    case 'complained':
      return { RecordType: 'SpamComplaint', ID: number, Email: recipient, BouncedAt: time };
  }
}

/** Postmark sends a password, and signs nothing. */
export function postmarkRequestOf(happening: Happening, password: string): WebhookRequest {
  const login = Buffer.from(`courierx:${password}`).toString('base64');
  const number = parseInt(idOf(happening).slice(0, 10), 16);
  const body = {
    MessageID: uuidOf(happening.emailId),
    MessageStream: 'outbound',
    Metadata: { cx_email_id: happening.emailId },
    ...postmarkWordsOf(happening, number),
  };
  return jsonRequest(body, { authorization: `Basic ${login}` });
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const RESEND_DETAILS: Partial<Record<EventKind, object>> = {
  bounced: {
    bounce: { type: 'Permanent', subType: 'General', message: UNKNOWN_USER },
  },
};

/** Resend keeps a message's id over repeats, and signs each with its own time. */
export function resendRequestOf(happening: Happening, secret: string): WebhookRequest {
  const { kind, emailId, recipient, at } = happening;
  const time = at.toISOString();
  const click = { link: LINK, timestamp: time, ipAddress: '203.0.113.9', userAgent: 'Mozilla/5.0' };
  const text = JSON.stringify({
    type: `email.${kind}`,
    created_at: time,
    data: {
      email_id: uuidOf(emailId),
      to: [recipient],
      tags: { cx_email_id: emailId },
      ...(kind === 'clicked' && { click }),
      ...RESEND_DETAILS[kind],
    },
  });
  const id = `msg_${idOf(happening)}`;
  const now = new Date();
  return {
    headers: {
      'content-type': 'application/json',
      'svix-id': id,
      'svix-timestamp': String(Math.floor(now.getTime() / 1000)),
      'svix-signature': new Webhook(secret).sign(id, now, text),
    },
    body: Buffer.from(text),
  };
}

/** What SES says of a happening, to be wrapped and signed by SNS. */
export function sesMessageOf(happening: Happening): object {
  const { kind, emailId, recipient, at } = happening;
  const timestamp = at.toISOString();
  const mail = {
    timestamp,
    messageId: `0102-${emailId}`,
    destination: [recipient],
    tags: { cx_email_id: [emailId], cx_attempt: ['1'] },
  };
  switch (kind) {
    case 'delivered':
      return {
        ...{ eventType: 'Delivery', mail },
        delivery: { timestamp, recipients: [recipient], smtpResponse: '250 2.0.0 OK' },
      };
    case 'opened':
      return { eventType: 'Open', mail, open: { timestamp, ipAddress: '203.0.113.9' } };
    case 'clicked':
      return { eventType: 'Click', mail, click: { timestamp, link: LINK } };
    case 'bounced':
      return {
        ...{ eventType: 'Bounce', mail },
        bounce: {
          ...{ feedbackId: idOf(happening), bounceType: 'Permanent', bounceSubType: 'General' },
          bouncedRecipients: [
            {
              ...{ emailAddress: recipient, action: 'failed', status: '5.1.1' },
              diagnosticCode: `smtp; ${UNKNOWN_USER}`,
            },
          ],
          timestamp,
        },
      };
    case 'complained':
      return {
        ...{ eventType: 'Complaint', mail },
        complaint: {
          ...{ feedbackId: idOf(happening), complainedRecipients: [{ emailAddress: recipient }] },
          ...{ complaintFeedbackType: 'abuse', timestamp },
        },
      };
  }
}

const DSN_ACTIONS: Partial<Record<EventKind, readonly string[]>> = {
  delivered: ['Action: delivered', 'Status: 2.0.0'],
  bounced: ['Action: failed', 'Status: 5.1.1', `Diagnostic-Code: smtp; ${UNKNOWN_USER}`],
};

/** A report of a mail server (RFC 3464), posted as it is; null: it reports no such thing. */
export function dsnRequestOf(happening: Happening, secret: string): WebhookRequest | null {
  const action = DSN_ACTIONS[happening.kind];
  if (!action) return null;
  const lines = [
    `Date: ${happening.at.toUTCString()}`,
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    ...['', '--b', 'Content-Type: message/delivery-status', ''],
    ...['Reporting-MTA: dns; mx.shop.example', ''],
    ...[`Final-Recipient: rfc822; ${happening.recipient}`, ...action, ''],
    ...['--b', 'Content-Type: text/rfc822-headers', ''],
    ...[`X-CourierX-Email-Id: ${happening.emailId}`, '--b--', ''],
  ];
  return {
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'message/rfc822' },
    body: Buffer.from(lines.join('\r\n')),
  };
}
