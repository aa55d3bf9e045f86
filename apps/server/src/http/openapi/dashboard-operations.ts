import type { Operation } from './operation.ts';

/** What the dashboard came with: sessions of browsers, live updates, the queue, caught mail. */
export const DASHBOARD_OPERATIONS: Readonly<Record<string, Operation>> = {
  'POST /api/v1/auth/session': {
    id: 'createSession',
    tag: 'Authentication',
    summary: 'Log a browser in',
    description:
      'As log-in, with the session in a cookie that no script can read. Needs the header ' +
      '`X-CourierX-CSRF: 1`; a page of another origin is answered 403.',
    example: { email: 'you@example.com', password: 'correct horse battery' },
    isOpen: true,
    refusals: [401, 403, 429],
  },
  'GET /api/v1/auth/session': {
    id: 'getSession',
    tag: 'Authentication',
    summary: 'Get the account of the session',
  },
  'DELETE /api/v1/auth/session': {
    id: 'deleteSession',
    tag: 'Authentication',
    summary: 'Log a browser out',
    description: 'Clears the cookie, also one that is no longer good. Needs `X-CourierX-CSRF: 1`.',
    isOpen: true,
    refusals: [403],
  },
  'GET /api/v1/emails/:id/raw': {
    id: 'getRawEmail',
    tag: 'Emails',
    summary: 'Get an email as SMTP sends it',
    description:
      'MIME, without a Bcc header. Providers with an API compose their own from the same.',
  },
  'GET /api/v1/emails/:id/preview': {
    id: 'previewEmail',
    tag: 'Emails',
    summary: 'Get the HTML of an email to show in a frame',
    description:
      'Its content policy lets no script run, and nothing be loaded from elsewhere unless `remote` is true. ' +
      'Pictures the mail carries itself (`cid:`) are in it.',
  },
  'GET /api/v1/stream': {
    id: 'streamChanges',
    tag: 'Emails',
    summary: 'Follow changes as they happen',
    description:
      'Server-sent events: `email` (an `EmailChange`) when one of the newest 500 emails changes, ' +
      '`connection` (a `ConnectionChange`) when a connection does better or worse. The same change ' +
      'may come twice. After a break `Last-Event-ID` tells of the emails missed within an hour; ' +
      'read the connections again. At most 20 streams an account and node.',
  },
  'GET /api/v1/queue': {
    id: 'getQueue',
    tag: 'Emails',
    summary: 'Get how much waits to be sent, and for how long',
  },
  'GET /api/v1/sandbox/messages': {
    id: 'listSandboxMessages',
    tag: 'Sandbox',
    summary: 'List the mails that the sandbox took, newest first',
    description: 'Follow `Link: rel="next"` for more.',
  },
  'GET /api/v1/sandbox/messages/:id': {
    id: 'getSandboxMessage',
    tag: 'Sandbox',
    summary: 'Get a mail as its receivers would have it',
    description: 'By the id of the email.',
  },
};
