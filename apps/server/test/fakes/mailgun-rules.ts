import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { simpleParser, type ParsedMail } from 'mailparser';
import { parse } from 'yaml';

/** A form of `POST /v3/<domain>/messages.mime`, its MIME parsed. */
export type MailgunMail = {
  readonly to: readonly string[];
  readonly tags: readonly string[];
  /** By name without `v:`. */
  readonly variables: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, readonly string[]>>;
  readonly mime: Buffer;
  readonly mail: ParsedMail;
};

/** Beside the repository: the vendor's file is not ours to ship. */
const SPEC = fileURLToPath(
  new URL('../../../../../shared/provider-specs/mailgun/mailgun-openapi-3.1.yaml', import.meta.url),
);
const SCHEMA = 'POST-v3-domain_name-messages-mime-multipart-form-data-RequestBody';

type Schema = { properties: Record<string, unknown>; additionalProperties?: unknown };
type Spec = { components: { schemas: Record<string, Schema> } };

let validate: ValidateFunction | null | undefined;

/** The vendor's schema of the form, or null, said aloud once, where its file is absent. */
export function loadMailgunSchema(): ValidateFunction | null {
  validate ??= compileSchema();
  return validate;
}

function compileSchema(): ValidateFunction | null {
  if (!existsSync(SPEC)) {
    process.stderr.write(`\nSKIPPED: no ${SPEC}; requests are NOT checked against it\n`);
    return null;
  }
  const document = parse(readFileSync(SPEC, 'utf8')) as Spec;
  const schema = document.components.schemas[SCHEMA];
  if (!schema) throw new Error(`The description has no ${SCHEMA}`);
  // A field Mailgun does not know would be left out in silence; headers and variables have any name.
  const closed = {
    ...schema,
    additionalProperties: false,
    patternProperties: { '^[hv]:[^]': { type: 'string' } },
  };
  return new Ajv2020({ strict: false, allErrors: true, validateFormats: false }).compile(closed);
}

/** Fields whose values the vendor takes several of. */
const LISTS = ['to', 'o:tag'];

/** Parses a request's form; throws where it is none. */
export async function readMailgunForm(body: Buffer, contentType: string): Promise<FormData> {
  const headers = { 'content-type': contentType };
  // FormData's parser is deprecated for servers at large; this is a test.

  return new Response(new Uint8Array(body), { headers }).formData();
}

export async function toMailgunMail(form: FormData): Promise<MailgunMail> {
  const textsOf = (name: string) =>
    form.getAll(name).filter((value): value is string => typeof value === 'string');
  const names = [...new Set([...form.keys()])];
  const file = form.get('message');
  const mime = file instanceof File ? Buffer.from(await file.arrayBuffer()) : Buffer.alloc(0);
  const named = (prefix: string) => names.filter((name) => name.startsWith(prefix));
  return {
    to: textsOf('to').flatMap((value) => value.split(',')),
    tags: textsOf('o:tag'),
    variables: Object.fromEntries(
      named('v:').map((name) => [name.slice(2), textsOf(name)[0] ?? '']),
    ),
    options: Object.fromEntries(named('o:').map((name) => [name, textsOf(name)])),
    mime,
    mail: await simpleParser(mime, { keepCidLinks: true }),
  };
}

/** What the service refuses, in its words as far as they are known; null: nothing. */
export async function findMailgunFault(form: FormData): Promise<string | null> {
  const [first] = schemaErrors(form);
  if (first !== undefined) return first;
  const file = form.get('message');
  if (!(file instanceof File) || file.name === '') return 'message parameter is missing';
  const mail = await toMailgunMail(form);
  if (mail.to.some((address) => !/^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$/.test(address))) {
    return 'to parameter is not a valid address. please check documentation';
  }
  if (mail.to.some((address) => address.startsWith('invalid@'))) {
    return 'to parameter is not a valid address. please check documentation';
  }
  if (mail.to.length > 1000) return 'Too many recipients, max is 1000';
  const options = [...form.entries()].filter(([name]) => /^[ohvt]:/.test(name));
  const bytes = options.reduce((sum, [, value]) => sum + sizeOf(value), 0);
  if (bytes > 16 * 1024) {
    return 'Send options (parameters starting with o:, h:, v:, or t:) are limited to 16KB total';
  }
  const instruction = mail.mail.headerLines.find(({ key }) => key.startsWith('x-mailgun-'));
  if (instruction) return `The mail carries an instruction: ${instruction.key}`;
  if (mail.mail.headers.has('bcc')) return 'The mail names its blind copies';
  const tags = new Set(mail.tags.map((tag) => tag.toLowerCase()));
  return tags.size > 10 || tags.size !== mail.tags.length ? 'Too many tags' : null;
}

const sizeOf = (value: string | File) =>
  typeof value === 'string' ? Buffer.byteLength(value) : value.size;

function schemaErrors(form: FormData): string[] {
  const check = loadMailgunSchema();
  if (check === null) return [];
  const fields: Record<string, unknown> = {};
  for (const name of new Set(form.keys())) {
    const values = form.getAll(name).map((value) => (value instanceof File ? 'file' : value));
    fields[name] = LISTS.includes(name) || values.length > 1 ? values : values[0];
  }
  if (check(fields)) return [];
  return (check.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
