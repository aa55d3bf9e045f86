import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';

/** The body of a mail send as the vendor's own description has it. */
export type SendGridMail = {
  personalizations: { to: Box[]; cc?: Box[]; bcc?: Box[] }[];
  from: Box;
  reply_to_list?: Box[];
  subject: string;
  content: { type: string; value: string }[];
  attachments?: {
    content: string;
    filename: string;
    type?: string;
    disposition?: string;
    content_id?: string;
  }[];
  headers?: Record<string, string>;
  categories?: string[];
  custom_args?: Record<string, string>;
};
type Box = { email: string; name?: string };

export type SendGridFault = { message: string; field: string | null; help: null };

/** Beside the repository: the vendor's file is not ours to ship. */
const SPEC = fileURLToPath(
  new URL('../../../../../shared/provider-specs/sendgrid/tsg_mail_v3.yaml', import.meta.url),
);

const WEBHOOK_SPEC = fileURLToPath(
  new URL('../../../../../shared/provider-specs/sendgrid/tsg_webhooks_v3.yaml', import.meta.url),
);

let validateWebhook: ValidateFunction | null | undefined;

/** What the vendor's schema says of the settings of an Event Webhook. */
export function findWebhookFaults(settings: unknown): string[] {
  validateWebhook ??= compileWebhookSchema();
  if (validateWebhook === null || validateWebhook(settings)) return [];
  return (validateWebhook.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

function compileWebhookSchema(): ValidateFunction | null {
  if (!existsSync(WEBHOOK_SPEC)) {
    process.stderr.write(`\nSKIPPED: no ${WEBHOOK_SPEC}; requests are NOT checked against it\n`);
    return null;
  }
  const document = parse(readFileSync(WEBHOOK_SPEC, 'utf8')) as {
    components: { schemas: { EventWebhookRequest: object } };
  };
  const schema = document.components.schemas.EventWebhookRequest;
  closeObjects(schema);
  return new Ajv2020({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
}

let validate: ValidateFunction | null | undefined;

/** The vendor's schema of a mail send, or null, said aloud once, where its file is absent. */
export function loadSendGridSchema(): ValidateFunction | null {
  validate ??= compileSchema();
  return validate;
}

function compileSchema(): ValidateFunction | null {
  if (!existsSync(SPEC)) {
    process.stderr.write(`\nSKIPPED: no ${SPEC}; requests are NOT checked against it\n`);
    return null;
  }
  const document = parse(readFileSync(SPEC, 'utf8')) as Spec;
  const schema = document.components.requestBodies.PostMailSend.content['application/json'].schema;
  // The description says "string" here; the service takes an object, as its own examples show.
  schema.properties['custom_args'] = { type: 'object', additionalProperties: { type: 'string' } };
  closeObjects(schema);
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ $id: 'spec', components: document.components });
  return ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"spec#/')) as object);
}

type Schema = { properties: Record<string, unknown>; additionalProperties?: unknown };
type Spec = {
  components: {
    requestBodies: { PostMailSend: { content: { 'application/json': { schema: Schema } } } };
  };
};

/** Fields the vendor does not know are faults here: it would leave them out in silence. */
function closeObjects(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return;
  if ('properties' in schema && !('additionalProperties' in schema)) {
    Object.assign(schema, { additionalProperties: false });
  }
  for (const part of Object.values(schema)) closeObjects(part);
}

const RESERVED =
  /^(x-sg-id|x-sg-eid|received|dkim-signature|content-type|content-transfer-encoding|to|from|subject|reply-to|cc|bcc)$/i;

/** What the service refuses beyond its schema, in its words as far as they are known. */
export function findSendGridFaults(mail: SendGridMail): SendGridFault[] {
  const faults: SendGridFault[] = [];
  const add = (message: string, field: string | null) =>
    faults.push({ message, field, help: null });
  for (const error of schemaErrors(mail)) add(error, null);
  if (faults.length > 0) return faults;
  const seen = new Set<string>();
  mail.personalizations.forEach((personalization, index) => {
    for (const kind of ['to', 'cc', 'bcc'] as const) {
      (personalization[kind] ?? []).forEach(({ email }, position) => {
        const field = `personalizations.${index}.${kind}.${position}.email`;
        if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email) || email.startsWith('invalid@')) {
          add('Does not contain a valid address.', field);
        }
        if (seen.has(email.toLowerCase())) {
          add(
            'Each email address in the personalization block should be unique between to, cc, and bcc.',
            `personalizations.${index}`,
          );
        }
        seen.add(email.toLowerCase());
      });
    }
  });
  for (const [index, { value }] of mail.content.entries()) {
    if (value === '') {
      add(
        'The content value must be a string at least one character in length.',
        `content.${index}`,
      );
    }
  }
  if (mail.content[0]?.type === 'text/html' && mail.content.length > 1) {
    add('text/plain must come first, followed by text/html', 'content');
  }
  if (mail.subject === '') add('The subject is required.', 'subject');
  const { categories = [], custom_args: args = {}, headers = {} } = mail;
  if (categories.length > 10 || new Set(categories).size !== categories.length) {
    add('categories must be unique and no more than 10', 'categories');
  }
  if (Object.values(args).some((value) => typeof value !== 'string')) add('Bad Request', null);
  if (Buffer.byteLength(JSON.stringify(args)) > 10_000) add('custom_args too large', 'custom_args');
  const reserved = Object.keys(headers).find((name) => RESERVED.test(name));
  if (reserved !== undefined) add('You may not override this header', `headers.${reserved}`);
  return faults;
}

function schemaErrors(mail: unknown): string[] {
  const check = loadSendGridSchema();
  if (check === null || check(mail)) return [];
  return (check.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
