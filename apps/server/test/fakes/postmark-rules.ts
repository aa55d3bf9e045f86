import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addressparser from 'nodemailer/lib/addressparser';
import { parse } from 'yaml';
import type { PostmarkPayload } from '../../src/providers/postmark/payload.ts';

export type PostmarkMail = PostmarkPayload;

export type PostmarkFault = { readonly ErrorCode: number; readonly Message: string };

/** Beside the repository: the vendor's files are not ours to ship. */
const SPECS = fileURLToPath(
  new URL('../../../../../shared/provider-specs/postmark/', import.meta.url),
);
/** The vendor's own is of before metadata, message streams and webhooks; the other fills that. */
const VENDORS = `${SPECS}postmark-server-swagger-2.0.yml`;
const SUPPLEMENT = `${SPECS}postmark-supplement-openapi-3.0.yaml`;

type Schema = { properties?: Record<string, unknown>; additionalProperties?: unknown };
type Vendors = { definitions: Record<string, Schema> };
type Supplement = { components: { schemas: Record<string, Schema> } };
type Checks = { readonly email: readonly ValidateFunction[]; readonly webhook: ValidateFunction };

let checks: Checks | null | undefined;

/** The schemas of a mail and a webhook, or null, said aloud once, where their files are absent. */
export function loadPostmarkSchemas(): Checks | null {
  checks ??= compileSchemas();
  return checks;
}

function compileSchemas(): Checks | null {
  if (!existsSync(VENDORS) || !existsSync(SUPPLEMENT)) {
    process.stderr.write(`\nSKIPPED: not all in ${SPECS}; requests are NOT checked against it\n`);
    return null;
  }
  const vendors = parse(readFileSync(VENDORS, 'utf8')) as Vendors;
  const supplement = parse(readFileSync(SUPPLEMENT, 'utf8')) as Supplement;
  const newer = supplement.components.schemas['SendEmail']?.properties ?? {};
  const older = vendors.definitions['SendEmailRequest'];
  Object.assign(older?.properties ?? {}, {
    Metadata: newer['Metadata'],
    MessageStream: newer['MessageStream'],
  });
  closeObjects(vendors.definitions);
  closeObjects(supplement.components);
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ $id: 'vendors', ...vendors });
  ajv.addSchema({ $id: 'supplement', ...supplement });
  const compile = (ref: string) => ajv.compile({ $ref: ref });
  return {
    email: [
      compile('vendors#/definitions/SendEmailRequest'),
      compile('supplement#/components/schemas/SendEmail'),
    ],
    webhook: compile('supplement#/components/schemas/WebhookWrite'),
  };
}

/** Fields the vendor does not know are faults here. */
function closeObjects(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return;
  if ('properties' in schema && !('additionalProperties' in schema)) {
    Object.assign(schema, { additionalProperties: false });
  }
  for (const part of Object.values(schema)) closeObjects(part);
}

export function findWebhookFault(webhook: unknown): PostmarkFault | null {
  const check = loadPostmarkSchemas()?.webhook;
  const [message] = check ? errorsOf(check, webhook) : [];
  return message === undefined ? null : { ErrorCode: 403, Message: message };
}

const FORBIDDEN_FILE =
  /\.(vbs|exe|bat|chm|com|cpl|crt|hlp|hta|inf|jse|lnk|pif|reg|scr|vbe|wsf|msi)$/i;

/** What the service refuses, in its words as far as they are known; null: nothing. */
export function findPostmarkFault(mail: PostmarkMail): PostmarkFault | null {
  for (const check of loadPostmarkSchemas()?.email ?? []) {
    const [message] = errorsOf(check, mail);
    if (message !== undefined) return { ErrorCode: 403, Message: message };
  }
  const lists = { To: mail.To, Cc: mail.Cc ?? '', Bcc: mail.Bcc ?? '' };
  for (const [name, list] of Object.entries(lists)) {
    const bad = addressesIn(list).find((address) => !/^[^@\s<>"]+@[^@\s]+\.[^@\s]+$/.test(address));
    const invalid = bad ?? addressesIn(list).find((address) => address.startsWith('invalid@'));
    if (invalid !== undefined) {
      return { ErrorCode: 300, Message: `Invalid '${name}' address: '${invalid}'.` };
    }
  }
  const all = Object.values(lists).flatMap(addressesIn);
  if (all.length === 0) return { ErrorCode: 300, Message: 'Zero recipients specified' };
  if (all.length > 50) return { ErrorCode: 300, Message: 'Too many recipients' };
  if (mail.TextBody === undefined && mail.HtmlBody === undefined) {
    return { ErrorCode: 300, Message: 'Provide either email TextBody or HtmlBody or both.' };
  }
  const keys = Object.keys(mail.Metadata);
  const isDouble = new Set(keys.map((key) => key.toLowerCase())).size !== keys.length;
  if (isDouble || keys.some((key) => key.length > 20)) {
    return { ErrorCode: 300, Message: 'Invalid metadata' };
  }
  const file = mail.Attachments?.find(({ Name: name }) => FORBIDDEN_FILE.test(name ?? ''));
  return file ? { ErrorCode: 411, Message: `Forbidden file type: ${file['Name']}` } : null;
}

function errorsOf(check: ValidateFunction, value: unknown): string[] {
  if (check(value)) return [];
  return (check.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

export function mailboxesIn(list: string): { address: string; name: string | null }[] {
  return addressparser(list, { flatten: true }).map(({ address, name }) => ({
    address,
    name: name === '' ? null : name,
  }));
}

export function addressesIn(list: string): string[] {
  return mailboxesIn(list).map(({ address }) => address);
}
