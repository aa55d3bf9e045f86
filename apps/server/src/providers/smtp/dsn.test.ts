import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildMime } from '../mime.ts';
import { plainMessage } from '../testing/messages.ts';
import { readReport } from './dsn.ts';

const EMAIL_ID = '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a';
const MESSAGE_ID = `<${EMAIL_ID}@shop.example>`;
const RETURNED = `Received: by mx.shop.example (Postfix) id 4cFhq
From: orders@shop.example
To: ada@example.com
Subject: Order 1001
Message-ID: ${MESSAGE_ID}
X-CourierX-Email-Id: ${EMAIL_ID}
Date: Mon, 23 Nov 2026 09:59:58 +0000
`;

type Parts = { top?: string; status?: string; returned?: string; type?: string };

/** A report as servers write them: what people read, what programs read, and the mail or its head. */
function dsn({ top = '', status = '', returned = RETURNED, type = 'message/rfc822' }: Parts) {
  const text = `From: MAILER-DAEMON@mx.shop.example (Mail Delivery System)
To: orders@shop.example
Subject: Undelivered Mail Returned to Sender
Date: Mon, 23 Nov 2026 10:00:00 +0000 (UTC)
Auto-Submitted: auto-replied
Message-Id: <20261123100000.4cFhr@mx.shop.example>
${top}MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4cFhq.1795428000/mx.shop.example"

This is a MIME-encapsulated message.

--4cFhq.1795428000/mx.shop.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--4cFhq.1795428000/mx.shop.example
Content-Description: Delivery report
Content-Type: message/delivery-status

${status}
--4cFhq.1795428000/mx.shop.example
Content-Description: Undelivered Message
Content-Type: ${type}

${returned}
Thanks

--4cFhq.1795428000/mx.shop.example--
`;
  return Buffer.from(text.replaceAll('\n', '\r\n'));
}

const recipientFields = (fields: string) => `Reporting-MTA: dns; mx.shop.example\n\n${fields}\n`;

describe("a bounce of Postfix's", () => {
  const status = `Reporting-MTA: dns; mx.shop.example
X-Postfix-Queue-ID: 4cFhq
X-Postfix-Sender: rfc822; orders@shop.example
Arrival-Date: Mon, 23 Nov 2026 09:59:58 +0000 (UTC)

Final-Recipient: rfc822; ada@example.com
Original-Recipient: rfc822;ada@example.com
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.example.com
Diagnostic-Code: smtp; 550 5.1.1 <ada@example.com>: Recipient address rejected:
    User unknown in virtual mailbox table

Final-Recipient: rfc822; grace@example.net
Original-Recipient: rfc822;grace@example.net
Action: failed
Status: 4.4.1
Diagnostic-Code: X-Postfix; connect to example.net[192.0.2.7]:25: Connection timed out
`;

  it('is read whole, each recipient by itself', () => {
    const diagnostic =
      'smtp; 550 5.1.1 <ada@example.com>: Recipient address rejected: User unknown in virtual mailbox table';
    const expired = 'X-Postfix; connect to example.net[192.0.2.7]:25: Connection timed out';
    const common = {
      type: 'bounced',
      word: 'failed',
      providerEventId: null,
      providerMessageId: MESSAGE_ID,
      emailId: EMAIL_ID,
      occurredAt: new Date('2026-11-23T10:00:00Z'),
      url: null,
    };
    expect(readReport(dsn({ status }))).toEqual([
      {
        ...common,
        recipient: 'ada@example.com',
        detail: diagnostic,
        bounce: { label: 'hard', enhancedStatus: '5.1.1', replyCode: 550, diagnostic },
      },
      {
        ...common,
        recipient: 'grace@example.net',
        detail: expired,
        bounce: { label: 'soft', enhancedStatus: '4.4.1', replyCode: null, diagnostic: expired },
      },
    ]);
  });

  it('reads the same with bare line feeds, and behind the From line of a mailbox', () => {
    const unix = dsn({ status }).toString().replaceAll('\r\n', '\n');
    const mbox = `From MAILER-DAEMON  Mon Nov 23 10:00:00 2026\n${unix}`;
    expect(readReport(Buffer.from(unix))).toEqual(readReport(dsn({ status })));
    expect(readReport(Buffer.from(mbox))).toEqual(readReport(dsn({ status })));
  });

  it('says so while it goes on trying', () => {
    const delayed = recipientFields(`Final-Recipient: rfc822; ada@example.com
Action: delayed
Status: 4.7.1
Diagnostic-Code: smtp; 450 4.7.1 Greylisted
Will-Retry-Until: Sat, 28 Nov 2026 09:59:58 +0000 (UTC)`);
    const type = 'text/rfc822-headers';
    expect(readReport(dsn({ status: delayed, type }))).toMatchObject([
      { type: 'deferred', emailId: EMAIL_ID, detail: 'smtp; 450 4.7.1 Greylisted', bounce: null },
    ]);
  });
});

describe('a bounce', () => {
  it("of Exim's, with a status that tells nothing, is judged by the reply", () => {
    const status = `Reporting-MTA: dns; mail.shop.example

Action: failed
Final-Recipient: rfc822;ada@example.com
Status: 5.0.0
Remote-MTA: dns; mx.example.com
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.
`;
    expect(readReport(dsn({ status }))).toMatchObject([
      {
        type: 'bounced',
        emailId: EMAIL_ID,
        bounce: { label: 'hard', enhancedStatus: '5.1.1', replyCode: 550 },
      },
    ]);
  });

  it("of Exchange's, which may give nothing back, is of the mail that it answers", () => {
    const status = `Original-Envelope-Id: <AM0PR01>
Reporting-MTA: dns;AM0PR01MB1234.eurprd01.prod.exchangelabs.com
Received-From-MTA: dns;mx.shop.example
Arrival-Date: Mon, 23 Nov 2026 09:59:59 +0000

Final-Recipient: rfc822;ada@example.com
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ada@example.com not found by SMTP address lookup
X-Display-Name: Ada
`;
    const top = `In-Reply-To: ${MESSAGE_ID}\nReferences: ${MESSAGE_ID}\n`;
    expect(readReport(dsn({ status, top, returned: 'Subject: x\n' }))).toMatchObject([
      {
        emailId: EMAIL_ID,
        providerMessageId: MESSAGE_ID,
        recipient: 'ada@example.com',
        bounce: { label: 'hard', enhancedStatus: '5.1.10', replyCode: 550 },
      },
    ]);
  });

  it("of Gmail's is read behind its nested first part, with its own time", () => {
    const raw = `From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
Date: Mon, 23 Nov 2026 02:00:02 -0800 (PST)
In-Reply-To: ${MESSAGE_ID}
X-Failed-Recipients: ada@example.com
Content-Type: multipart/report; boundary="000000000000a1"; report-type=delivery-status

--000000000000a1
Content-Type: multipart/related; boundary="000000000000b2"

--000000000000b2
Content-Type: text/html; charset="UTF-8"

<p>Address not found</p>
--000000000000b2
Content-Type: image/png; name="icon.png"
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--000000000000b2--
--000000000000a1
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
Arrival-Date: Mon, 23 Nov 2026 02:00:00 -0800 (PST)
X-Original-Message-ID: ${MESSAGE_ID}

Final-Recipient: rfc822; ada@example.com
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.example.com. (192.0.2.7, the server for the domain example.com.)
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.
 550-5.1.1 Please try double-checking the recipient's email address
Last-Attempt-Date: Mon, 23 Nov 2026 02:00:01 -0800 (PST)

--000000000000a1
Content-Type: message/rfc822

${RETURNED}
--000000000000a1--
`;
    expect(readReport(Buffer.from(raw))).toMatchObject([
      {
        emailId: EMAIL_ID,
        recipient: 'ada@example.com',
        occurredAt: new Date('2026-11-23T10:00:01Z'),
        bounce: { label: 'hard', enhancedStatus: '5.1.1', replyCode: 550 },
      },
    ]);
  });

  it("of Amazon's, which wrote a Message-ID of its own, is told by our header", () => {
    const status = `Reporting-MTA: dsn; a8-31.smtp-out.amazonses.com

Action: failed
Final-Recipient: rfc822; bounce@simulator.amazonses.com
Diagnostic-Code: smtp; 550 5.1.1 user unknown
Status: 5.1.1
`;
    const theirs = '<0102019ab3-c2d1@eu-west-1.amazonses.com>';
    const returned = RETURNED.replace(MESSAGE_ID, theirs);
    expect(readReport(dsn({ status, returned }))).toMatchObject([
      { emailId: EMAIL_ID, providerMessageId: theirs, recipient: 'bounce@simulator.amazonses.com' },
    ]);
  });

  it('of a mail as we send it is that mail', () => {
    const mime = buildMime(plainMessage());
    const status = recipientFields('Final-Recipient: rfc822; ada@example.com\nAction: failed');
    expect(readReport(dsn({ status, returned: mime.toString() }))).toMatchObject([
      { emailId: EMAIL_ID, providerMessageId: plainMessage().messageId },
    ]);
  });

  it.each([
    ['base64', (text: string) => Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\r\n')],
    ['quoted-printable', (text: string) => text.replaceAll('=', '=3D').replaceAll('a', '=61')],
  ])('in %s is read too', (encoding, encode) => {
    const fields = recipientFields('Final-Recipient: rfc822; ada@example.com\nAction: failed');
    const raw = dsn({ status: 'HERE' })
      .toString()
      .replace(
        'delivery-status\r\n\r\n',
        `delivery-status\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`,
      )
      .replace('HERE', encode(fields));
    expect(readReport(Buffer.from(raw))).toMatchObject([{ recipient: 'ada@example.com' }]);
  });

  it('names the mail by its envelope id where nothing else does', () => {
    const status = `Original-Envelope-Id: ${EMAIL_ID}\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822;a@x.example\nAction: failed`;
    expect(readReport(dsn({ status, returned: 'Subject: x\n' }))).toMatchObject([
      { emailId: EMAIL_ID, providerMessageId: null },
    ]);
  });

  it('of no mail of ours has no email', () => {
    const status = recipientFields('Final-Recipient: rfc822; a@x.example\nAction: failed');
    const returned = 'Message-ID: <other@shop.example>\nX-CourierX-Email-Id: 1 or 1=1\n';
    expect(readReport(dsn({ status, returned }))).toMatchObject([
      { emailId: null, providerMessageId: '<other@shop.example>' },
    ]);
  });
});

describe('an action', () => {
  it.each([
    ['failed', 'bounced'],
    ['Failed', 'bounced'],
    ['delayed', 'deferred'],
    ['delivered', 'delivered'],
    ['relayed', 'sent'],
    ['expanded', 'delivered'],
    ['pondered', null],
    ['__proto__', null],
    ['', null],
  ])('%j is %s', (action, type) => {
    const status = recipientFields(`Final-Recipient: rfc822; a@x.example\nAction: ${action}`);
    expect(readReport(dsn({ status }))).toMatchObject([
      { type, word: action, bounce: type === 'bounced' ? { label: null } : null },
    ]);
  });
});

describe('a recipient', () => {
  it.each([
    ['rfc822; ada@example.com', null, 'ada@example.com'],
    ['RFC822;<Ada@Example.com>', null, 'Ada@Example.com'],
    ['ada@example.com', null, 'ada@example.com'],
    // The address of ours, not the one an alias made of it.
    ['rfc822; ada@inner.example', 'rfc822;ada@example.com', 'ada@example.com'],
    ['rfc822; ada@inner.example', 'rfc822;ada+2Bx@example.com', 'ada+x@example.com'],
    ['rfc822; ada@inner.example', 'rfc822;ada+42@example.com', 'ada+42@example.com'],
    ['rfc822; ada+2B@example.com', 'rfc822;ada+2B@example.com', 'ada+2B@example.com'],
    ['x400; /G=Ada/', 'rfc822;ada@example.com', 'ada@example.com'],
    ['utf-8; gr\\x{FC}n@example.com', null, 'grün@example.com'],
    ['utf-8; grün@example.com', null, 'grün@example.com'],
    ['x400; /G=Ada/S=Lovelace/@x', null, null],
    ['rfc822; two words@example.com', null, null],
  ])('%j, before %j, is %j', (final, original, recipient) => {
    const lines = [
      `Final-Recipient: ${final}`,
      ...(original === null ? [] : [`Original-Recipient: ${original}`]),
      'Action: failed',
    ];
    const [event] = readReport(dsn({ status: recipientFields(lines.join('\n')) }));
    expect(event).toMatchObject({ recipient, type: recipient === null ? null : 'bounced' });
  });
});

describe('a complaint', () => {
  const arf = (fields: string) =>
    Buffer.from(`From: feedback@mailbox.example
Date: Mon, 23 Nov 2026 12:00:00 +0000
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

This is an email abuse report.
--b
Content-Type: message/feedback-report

${fields}
User-Agent: SomeGenerator/1.0
Version: 1
Arrival-Date: Mon, 23 Nov 2026 10:00:00 +0000
--b
Content-Type: message/rfc822

${RETURNED}
--b--
`);

  it.each([
    ['abuse', 'complained'],
    ['fraud', 'complained'],
    ['opt-out', 'unsubscribed'],
    ['not-spam', null],
    ['auth-failure', null],
    ['other', null],
  ])('of the feedback type %s is %s', (feedback, type) => {
    const fields = `Feedback-Type: ${feedback}\nOriginal-Rcpt-To: <ada@example.com>`;
    expect(readReport(arf(fields))).toEqual([
      {
        type,
        word: feedback,
        providerEventId: null,
        providerMessageId: MESSAGE_ID,
        emailId: EMAIL_ID,
        recipient: 'ada@example.com',
        occurredAt: new Date('2026-11-23T12:00:00Z'),
        detail: `${feedback}: SomeGenerator/1.0`,
        bounce: null,
        url: null,
      },
    ]);
  });

  it.each([
    'Feedback-Type: abuse',
    'Feedback-Type: abuse\nOriginal-Rcpt-To: a@x.example\nOriginal-Rcpt-To: b@x.example',
    'Feedback-Type: abuse\nOriginal-Rcpt-To: redacted',
  ])('that names nobody alone is kept without a type: %j', (fields) => {
    expect(readReport(arf(fields))).toMatchObject([
      { type: null, word: 'abuse', recipient: null, emailId: EMAIL_ID },
    ]);
  });
});

describe('what is no report', () => {
  it.each([
    ['nothing', ''],
    ['JSON', '[{"event":"bounce"}]'],
    ['an answer', `Subject: Out of office\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.`],
    ['a multipart without a boundary', 'Content-Type: multipart/report\r\n\r\n--\r\n\r\n'],
    [
      'a bounce that somebody passed on',
      `Content-Type: message/rfc822\r\n\r\n${dsn({ status: recipientFields('Final-Recipient: rfc822; a@x.example\nAction: failed') }).toString()}`,
    ],
  ])('has no events: %s', (_, text) => {
    expect(readReport(Buffer.from(text))).toEqual([]);
  });

  it('is never a throw, whatever it is', () => {
    const words = fc.constantFrom(
      'Content-Type: multipart/report; boundary=b\n',
      'Content-Type: message/delivery-status\n',
      'Content-Transfer-Encoding: base64\n',
      '\n--b\n',
      '\n--b--\n',
      '\n\n',
      'Final-Recipient: rfc822; a@x.example\n',
      'Action: failed\n',
      '__proto__: x\n',
    );
    const text = fc.array(fc.oneof(words, fc.string(), fc.string({ unit: 'binary' })));
    fc.assert(
      fc.property(text, fc.uint8Array(), (parts, bytes) => {
        const raw = Buffer.concat([Buffer.from(parts.join('')), Buffer.from(bytes)]);
        for (const { recipient, type } of readReport(raw)) {
          if (recipient === null) expect(type).toBeNull();
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('nests no deeper than it is read', () => {
    const deep = Array.from(
      { length: 5_000 },
      (_, level) => `Content-Type: multipart/mixed; boundary=b${level}\n\n--b${level}\n`,
    ).join('');
    expect(readReport(Buffer.from(deep))).toEqual([]);
  });
});
