import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';

/** The body of a send as the vendor's own description has it. */
export type ResendMail = {
  from: string;
  to: string[];
  cc?: string[];
  bcc?: string[];
  reply_to?: string[];
  subject: string;
  html?: string;
  text?: string;
  headers?: Record<string, string>;
  attachments?: {
    content: string;
    filename: string;
    content_type?: string;
    content_id?: string;
  }[];
  tags?: { name: string; value: string }[];
};

/** Beside the repository: the vendor's file is not ours to ship. */
const SPEC = fileURLToPath(
  new URL('../../../../../shared/provider-specs/resend/resend.yaml', import.meta.url),
);

type SchemaName = 'SendEmailRequest' | 'CreateWebhookRequest' | 'UpdateWebhookRequest';

let validators: ReadonlyMap<SchemaName, ValidateFunction> | null | undefined;

/** The vendor's schemas, or null, said aloud once, where the file is absent. */
export function loadResendSchemas(): ReadonlyMap<SchemaName, ValidateFunction> | null {
  validators ??= compileSchemas();
  return validators;
}

function compileSchemas(): ReadonlyMap<SchemaName, ValidateFunction> | null {
  if (!existsSync(SPEC)) {
    process.stderr.write(`\nSKIPPED: no ${SPEC}; requests are NOT checked against it\n`);
    return null;
  }
  const { components } = parse(readFileSync(SPEC, 'utf8')) as { components: { schemas: object } };
  closeObjects(components.schemas);
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ $id: 'spec', components });
  const names = ['SendEmailRequest', 'CreateWebhookRequest', 'UpdateWebhookRequest'] as const;
  return new Map(
    names.map((name) => [name, ajv.compile({ $ref: `spec#/components/schemas/${name}` })]),
  );
}

/** Fields the vendor does not know are faults here: it would leave them out in silence. */
function closeObjects(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return;
  if ('properties' in schema && !('additionalProperties' in schema)) {
    Object.assign(schema, { additionalProperties: false });
  }
  for (const part of Object.values(schema)) closeObjects(part);
}

/** Faults of a body by the vendor's schema. */
export function findSchemaFaults(name: SchemaName, body: unknown): string[] {
  const check = loadResendSchemas()?.get(name);
  if (!check || check(body)) return [];
  return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const PLAIN = /^[^\s<>"@]+@[^\s<>"@]+\.[^\s<>"@]+$/;
/** No quotes and no specials; an encoded word is plain in this sense, but not in `from`. */
const NAMED = /^[^()<>[\]:;@\\,"]+ <([^<>]+)>$/;

/** What the service refuses beyond its schema, as `{ status, name, message }`; null for none. */
export function findResendFault(
  mail: ResendMail,
): { status: number; name: string; message: string } | null {
  const [schemaFault] = findSchemaFaults('SendEmailRequest', mail);
  const invalid = (message: string) => ({ status: 422, name: 'validation_error', message });
  if (schemaFault !== undefined) return invalid(schemaFault);
  const lists = { to: mail.to, cc: mail.cc ?? [], bcc: mail.bcc ?? [], reply_to: mail.reply_to };
  for (const [field, list] of Object.entries(lists)) {
    if (list?.some((box) => !isMailbox(box) || box.startsWith('invalid@'))) {
      return invalid(`Invalid \`${field}\` field. The email address needs to follow the format`);
    }
  }
  if (/=\?.*\?=/.test(mail.from)) {
    const message = 'The email payload contain invalid characters';
    return { status: 451, name: 'security_error', message };
  }
  if (!isMailbox(mail.from)) return invalid('Invalid `from` field.');
  if (!mail.html && mail.text === undefined) return invalid('Missing `html` or `text` field.');
  const badHeader = Object.values(mail.headers ?? {}).some((value) => typeof value !== 'string');
  if (badHeader) return invalid('Header values must be strings.');
  const tags = mail.tags ?? [];
  const isTag = ({ name, value }: { name: string; value: string }) =>
    [name, value].every((text) => /^[A-Za-z0-9_-]{1,256}$/.test(text));
  if (tags.length > 75 || !tags.every(isTag)) return invalid('Tags should only contain ASCII …');
  return null;
}

function isMailbox(box: string): boolean {
  return PLAIN.test(NAMED.exec(box)?.[1] ?? box);
}
