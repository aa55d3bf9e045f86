import { generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import { isRecord, parseJson } from '../../src/providers/json.ts';
import { findWebhookFaults } from './sendgrid-rules.ts';

export type SendGridWebhook = {
  readonly id: string;
  url: string;
  enabled: boolean;
  friendly_name?: string;
  /** There while signing is on, as SendGrid shows it. */
  public_key?: string;
} & Record<string, unknown>;

export type SendGridReply = { readonly status: number; readonly body?: unknown };

export const WEBHOOK_SCOPES = ['create', 'read', 'update'].map(
  (verb) => `user.webhooks.event.settings.${verb}`,
);

const SETTINGS = '/v3/user/webhooks/event/settings';
const SCOPE_OF: Readonly<Record<string, string>> = { GET: 'read', POST: 'create', PATCH: 'update' };

/** The Event Webhook settings of one account; as many webhooks as `maxAllowed`. */
export class FakeSendGridWebhooks {
  readonly list: SendGridWebhook[];
  readonly #keys = new Map<string, KeyObject>();
  readonly #maxAllowed: number;

  constructor(list: readonly SendGridWebhook[] = [], maxAllowed = 5) {
    this.list = [...list];
    this.#maxAllowed = maxAllowed;
  }

  /** Undefined: it is about something else. */
  answer(target: string, body: string, scopes: readonly string[]): SendGridReply | undefined {
    const [method = '', path = ''] = target.split(' ');
    if (!path.startsWith(SETTINGS)) return undefined;
    if (!scopes.includes(`user.webhooks.event.settings.${SCOPE_OF[method]}`)) {
      return fault(403, 'access forbidden');
    }
    const [, isSigned, id] = /^\/(signed\/)?([^/]+)$/.exec(path.slice(SETTINGS.length)) ?? [];
    if (method === 'GET' && id === 'all') {
      return { status: 200, body: { max_allowed: this.#maxAllowed, webhooks: this.list } };
    }
    const changes = parseJson(body);
    if (!isRecord(changes)) return fault(400, 'Bad Request');
    if (isSigned) return this.#toggle(id ?? '', changes);
    const [wrong] = findWebhookFaults(changes);
    if (wrong !== undefined) return fault(400, wrong);
    return method === 'POST' ? this.#create(changes) : this.#update(id ?? '', changes);
  }

  #create(settings: Record<string, unknown>): SendGridReply {
    const url = String(settings['url']);
    const known = this.list.find((webhook) => webhook.url === url);
    if (known) return fault(400, `Webhook at '${url}' already exists.`, { id: known.id, url });
    if (this.list.length >= this.#maxAllowed) {
      return fault(400, 'You have reached the maximum number of webhooks');
    }
    const made = { enabled: false, ...settings, url, id: randomUUID() };
    this.list.push(made);
    return { status: 201, body: made };
  }

  #update(id: string, changes: Record<string, unknown>): SendGridReply {
    const found = this.list.find((webhook) => webhook.id === id);
    if (!found) return fault(404, 'Invalid id provided.');
    Object.assign(found, changes);
    return { status: 200, body: { ...found, public_key: undefined } };
  }

  /** Switched on, each time, it has a new key: the hardest way to read the vendor's words. */
  #toggle(id: string, { enabled }: Record<string, unknown>): SendGridReply {
    const found = this.list.find((webhook) => webhook.id === id);
    if (!found) return fault(404, 'Invalid id provided.');
    if (typeof enabled !== 'boolean') return fault(400, 'enabled must be a boolean');
    delete found.public_key;
    if (enabled) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      this.#keys.set(id, privateKey);
      found.public_key = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
    }
    return { status: 200, body: { id, public_key: found.public_key ?? '' } };
  }

  /** A request as the webhook would post it. */
  sign(id: string, events: readonly object[], at: Date): ReturnType<typeof signSendGridEvents> {
    const key = this.#keys.get(id);
    if (!key) throw new Error(`Webhook ${id} does not sign`);
    return signSendGridEvents(key, events, at);
  }
}

/** A request of events, signed as SendGrid does, which ends the body with a line break. */
export function signSendGridEvents(
  key: KeyObject,
  events: unknown,
  at: Date,
): { headers: Record<string, string>; body: Buffer } {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const body = Buffer.from(`${JSON.stringify(events)}\r\n`);
  const signature = sign('sha256', Buffer.concat([Buffer.from(timestamp), body]), key);
  return {
    headers: {
      'content-type': 'application/json',
      'x-twilio-email-event-webhook-timestamp': timestamp,
      'x-twilio-email-event-webhook-signature': signature.toString('base64'),
    },
    body,
  };
}

function fault(status: number, message: string, more: object = {}): SendGridReply {
  return { status, body: { errors: [{ field: null, message, ...more }] } };
}
