/** What the published description promises, and the test that shows it. */
export type PublishedPromise = {
  readonly section: string;
  /** In our words. */
  readonly says: string;
  /** From the top of the repository. */
  readonly file: string;
  /** Its title, as it stands in the file. */
  readonly test: string;
};

type Row = readonly [says: string, file: string, test: string];

const HTTP = 'apps/server/test/http';
const E2E = 'apps/server/test/e2e';
const SRC = 'apps/server/src';

const PUBLISHED = `${HTTP}/published.test.ts`;
const SUITE = `${SRC}/providers/testing/adapter-suite.ts`;
const FAILOVER = `${E2E}/failover.test.ts`;
const DISPATCHER = `${SRC}/dispatch/dispatcher.test.ts`;
const EVENTS = `${HTTP}/provider-events.test.ts`;
const EMAILS = `${HTTP}/emails.test.ts`;
const IDEMPOTENCY = `${HTTP}/idempotency.test.ts`;
const CONNECTIONS = `${HTTP}/provider-connections.test.ts`;
const DOMAINS = `${HTTP}/domains.test.ts`;
const HOOKS = `${HTTP}/webhook-endpoints.test.ts`;
const DELIVERIES = `${E2E}/webhook-deliveries.test.ts`;
const SUPPRESSIONS = `${HTTP}/suppressions.test.ts`;
const RULES = `${HTTP}/routing-rules.test.ts`;
const ROUTES = `${SRC}/dispatch/routes.test.ts`;
const KEYS = `${HTTP}/api-keys.test.ts`;
const AUTH = `${HTTP}/auth.test.ts`;
const CREDENTIALS = 'take the published credentials and no less: %s';
const FIRST_STEPS = 'lead from a name and an address to a queued mail';
const SDK_CALLS = 'are the same with the SDK, as are its other published calls';
const SAMPLES = 'runs against a live server';

/** By section of the description, in its order. */
const SECTIONS: Readonly<Record<string, readonly Row[]>> = {
  Introduction: [
    [
      'one API sends through each of the six providers',
      SUITE,
      'carries every field, or declares that it does not',
    ],
    ['mail goes through the next provider when one is down', FAILOVER, 'refuses the connection'],
    [
      'a backup is one more call, and the code that sends stays as it is',
      `${E2E}/quickstart.test.ts`,
      'ends with a mail that failed over and was delivered',
    ],
    ['mail goes out with the keys of the account', SUITE, 'verifies a good connection'],
    [
      'bounces, complaints and unsubscribes suppress by themselves',
      EVENTS,
      'come of dead addresses, complaints and unsubscribes, with what proves them',
    ],
    [
      'an outage loses no mail',
      `${E2E}/shared-health.test.ts`,
      'share a breaker: all mail arrives, and the account is told once',
    ],
  ],
  Quickstart: [
    ['registering gives a token', PUBLISHED, FIRST_STEPS],
    [
      'the token makes a key, shown once',
      KEYS,
      'shows the raw key once and keeps its hash and prefix',
    ],
    [
      'the SDK is one install',
      `${E2E}/sdk.test.ts`,
      'has no dependency, and nothing in it but what runs',
    ],
    ['the first send with the SDK gives an id and queued', PUBLISHED, SDK_CALLS],
    ['connecting a provider is one call', PUBLISHED, FIRST_STEPS],
    [
      'mail sent before goes out once a provider is connected',
      DISPATCHER,
      'waits, says why, and goes out as soon as a connection is made',
    ],
    [
      'the calls work as published, up to a mail server',
      `${E2E}/quickstart.test.ts`,
      'bring the mail to a real mail server',
    ],
  ],
  'Sending emails': [
    [
      'sender, recipient, subject and body are enough; it is sent in the background',
      PUBLISHED,
      FIRST_STEPS,
    ],
    ['202 answers the mail as it was queued, with the published fields', PUBLISHED, FIRST_STEPS],
    [
      'every published field is taken and shown',
      EMAILS,
      'takes every documented field, and GET shows them all again',
    ],
    [
      'sender, recipient and subject are required',
      EMAILS,
      'names everything that is missing, each once',
    ],
    ['tags filter', EMAILS, 'filters by status, tag and a part of a recipient'],
  ],
  Idempotency: [
    [
      'the same key gives the first email',
      IDEMPOTENCY,
      'in the header or in the metadata returns the first email, and says so',
    ],
    ['also of requests that race', IDEMPOTENCY, 'makes one email of racing requests'],
    ['for 24 hours', `${SRC}/services/emails/accept.test.ts`, 'forgets a key after 24 hours'],
  ],
  'Tracking email status': [
    [
      'an email is shown with its events, times and providers',
      DISPATCHER,
      'goes out by the first in priority, and the timeline says so',
    ],
    [
      'sent, delivered and opened are on it',
      EVENTS,
      'come to the same however often, in whatever order and however early they come',
    ],
    ['six statuses', PUBLISHED, 'stand where one of the six published words says'],
  ],
  'List emails': [
    [
      'filters by status, part of the recipient and dates, together',
      PUBLISHED,
      'are found by all the published filters together, with where the page stands',
    ],
    ['dates are a range', EMAILS, 'filters by the day and by the moment of creation'],
    [
      'headers say where the page stands',
      EMAILS,
      'tells pages and totals, and the way to the next page',
    ],
  ],
  Providers: [
    [
      'credentials are encrypted where they are stored, and never shown',
      CONNECTIONS,
      'verifies, stores and shows everything but the credentials',
    ],
    [
      'they are verified when they are given',
      CONNECTIONS,
      'stores nothing when the provider says no',
    ],
    ['each provider takes the published credentials', PUBLISHED, CREDENTIALS],
    [
      'they can be tested without sending',
      CONNECTIONS,
      'keeps what the provider says; a yes makes a refused one usable and lets mail go',
    ],
    [
      'the list is by priority; a connection is changed and taken away',
      PUBLISHED,
      'are listed in the order of priority, changed, and taken away',
    ],
    [
      'credentials are rotated',
      CONNECTIONS,
      'of credentials verifies the new ones, ends a pause and lets mail go',
    ],
    [
      'a connection goes',
      CONNECTIONS,
      'DELETE takes the connection, its sockets and its webhook URL away, and wakes what waits',
    ],
  ],
  Failover: [
    [
      'the lowest priority goes first',
      DISPATCHER,
      'goes out by the first in priority, and the timeline says so',
    ],
    [
      'a transient fault leads to the next at once',
      DISPATCHER,
      'fails over at once on a transient fault, with one copy sent',
    ],
    ['a timeout is one', FAILOVER, 'swallows the connection'],
    [
      'so is one after the whole message',
      FAILOVER,
      'after the whole message is unknown, and the next connection sends it',
    ],
    ['a rate limit is one', FAILOVER, 'answers 429 with Retry-After, and is left alone until then'],
    ['a 5xx is one', FAILOVER, 'answers HTTP %d'],
    [
      'a permanent fault stops',
      DISPATCHER,
      'stops on a permanent fault and tries no other connection',
    ],
    ['an invalid recipient is one', FAILOVER, 'is an invalid recipient, by SMTP'],
    [
      'refused credentials are one',
      FAILOVER,
      'are credentials refused by %s; the next mail goes round it',
    ],
    [
      'a mail that nothing took fails in the end',
      DISPATCHER,
      'fails at its deadline, with the last reason',
    ],
  ],
  Domains: [
    [
      'a domain is added and gets a token',
      DOMAINS,
      'answers a pending domain with a token and where to put it',
    ],
    [
      'the token at _courierx. verifies it',
      DOMAINS,
      'verifies where the token is, also among other records, in quotes, or cut in two',
    ],
    ['the list says how each stands', DOMAINS, 'lists by name, in pages'],
    ['a domain is removed', DOMAINS, 'takes it away, and its word with it'],
  ],
  Webhooks: [
    [
      'an endpoint is registered for chosen events, and gets a secret',
      PUBLISHED,
      'get a secret of their own, are changed and taken away',
    ],
    ['the secret is shown once', HOOKS, 'are made with a secret that is shown once'],
    [
      'payloads are signed with HMAC-SHA256',
      `${SRC}/webhooks/sign.test.ts`,
      'covers the id, the time and every byte of the body',
    ],
    [
      'the published payload arrives, with the metadata of the mail',
      DELIVERIES,
      'tells of a mail that was sent, with its metadata, signed',
    ],
    [
      'each published event can be chosen',
      PUBLISHED,
      'may name each of the seven published events',
    ],
    [
      'no events means all of them',
      HOOKS,
      'empty events are every email event; account events only where named',
    ],
    ['URL, events and state change; an endpoint is removed', HOOKS, 'change and go'],
    [
      'the SDK checks signatures',
      'packages/sdk/test/webhooks.test.ts',
      'gives the event of a webhook that another implementation signed',
    ],
  ],
  Suppressions: [
    [
      'a suppressed recipient is blocked, marked, and no provider is asked',
      PUBLISHED,
      'to a suppressed address reach no provider',
    ],
    [
      'also one suppressed after the mail was taken',
      `${SRC}/dispatch/suppressed-meanwhile.test.ts`,
      'leaves out recipients suppressed since the mail was taken, one by one or by domain',
    ],
    [
      'bounces and complaints suppress by themselves',
      EVENTS,
      'come of dead addresses, complaints and unsubscribes, with what proves them',
    ],
    [
      'they are added by hand, with a note',
      SUPPRESSIONS,
      'the same again answers 201 with the same entry and its new note',
    ],
    ['four reasons, which filter', PUBLISHED, 'are made and filtered for the reason %s'],
    [
      'removing one lets mail through again',
      PUBLISHED,
      'to a suppressed address reach no provider',
    ],
  ],
  'API reference': [
    ['every request needs a token', `${HTTP}/openapi-answers.test.ts`, 'wants a token: %s'],
    [
      'every call is described, and answers as described',
      `${HTTP}/openapi-answers.test.ts`,
      'answers a sound call as its description says: %s',
    ],
    [
      'whatever is sent',
      `${HTTP}/openapi-fuzz.test.ts`,
      'is answered as the description says, and never 5xx: %s',
    ],
    [
      'registering makes an account',
      AUTH,
      'answers 201 with a token, its end and the account, and the token works',
    ],
    [
      'logging in gives a token',
      AUTH,
      'answers 200 for the right password, whatever the case of the e-mail',
    ],
    ['a token is good for 24 hours, and shows the account', PUBLISHED, FIRST_STEPS],
    ['keys are listed by prefix', PUBLISHED, 'are listed by their prefix alone'],
    [
      'a revoked key is refused',
      KEYS,
      'by revoking counts at once here, elsewhere within the cache, and a second time changes nothing',
    ],
    ['a deleted key is gone', KEYS, 'by deleting counts at once, and its record is gone'],
  ],
  Analytics: [
    [
      'totals and every day of 7, 30 or 90 days',
      `${HTTP}/analytics.test.ts`,
      '/dashboard/metrics of %s has %i days, zeros where there was no mail',
    ],
    [
      'the figures are exact',
      `${HTTP}/analytics.test.ts`,
      'are exact to the mail while mail goes out, events come and sums are made',
    ],
    [
      'usage by day and provider, from and to',
      `${HTTP}/analytics.test.ts`,
      'count a mail that left twice once, and its provider first',
    ],
  ],
  'Routing rules': [
    ['a rule is created', RULES, 'is created with what was left out filled in'],
    ['rules are listed', RULES, 'is listed by position'],
    [
      'a rule is changed',
      RULES,
      'is changed in the parts that are given, lists and match as a whole',
    ],
    ['a rule is deleted', RULES, 'is deleted, and is then nowhere'],
    [
      'by priority',
      `${SRC}/dispatch/policy/route.test.ts`,
      'priority goes by the order of the rule, not of the connections',
    ],
    ['weighted', ROUTES, 'is shared out by weight, and falls back in order'],
    ['in turns', ROUTES, 'takes even turns over two dispatchers'],
    [
      'only for failover',
      ROUTES,
      'is tried by the first of failover_only each time, however often that fails',
    ],
  ],
  Errors: [
    ['422 lists the faults; 401 and 404 say one', PUBLISHED, 'are of the published forms'],
    [
      'every error has one form',
      `${HTTP}/errors.test.ts`,
      'is error, code and request_id, and errors for a 422',
    ],
    [
      '429 beyond the limit, which headers tell',
      `${HTTP}/rate-limits.test.ts`,
      'is told on every answer behind a token and ends in 429 until the next minute',
    ],
  ],
  SDKs: [
    ['the published calls of the Node SDK', PUBLISHED, SDK_CALLS],
    ['every call has a method', `${HTTP}/sdk-complete.test.ts`, 'has a method for %s'],
    ['its README runs', `${E2E}/sdk.test.ts`, 'runs the samples of its README'],
    ['the samples in curl, Python and fetch run', `${E2E}/samples.test.ts`, SAMPLES],
  ],
};

export const PROMISES: readonly PublishedPromise[] = Object.entries(SECTIONS).flatMap(
  ([section, rows]) => rows.map(([says, file, test]) => ({ section, says, file, test })),
);
