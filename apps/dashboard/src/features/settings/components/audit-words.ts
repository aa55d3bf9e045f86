import type { AuditEntry } from '@courierx/contract';
import { humanize } from '../../../lib/format.ts';

/** What is done to what, as one would say it. */
const WORDS: Readonly<Record<string, string>> = {
  'account.created': 'Signed up',
  'account.updated': 'Changed the settings',
  'account.email_changed': 'Changed the email',
  'account.password_changed': 'Changed the password',
  'account.limit_changed': 'Changed the rate limit',
  'account.deleted': 'Deleted the account',
  'api_key.created': 'Made an API key',
  'api_key.revoked': 'Revoked an API key',
  'api_key.deleted': 'Deleted an API key',
  'email.released': 'Decided on a held email',
  'provider_connection.created': 'Connected a provider',
  'provider_connection.updated': 'Changed a connection',
  'provider_connection.reordered': 'Changed the order of connections',
  'provider_connection.deleted': 'Removed a connection',
  'domain.created': 'Added a domain',
  'domain.verified': 'Verified a domain',
  'domain.unverified': 'Lost a domain’s record',
  'domain.deleted': 'Removed a domain',
  'suppression.created': 'Suppressed an address',
  'suppression.deleted': 'Removed a suppression',
  'suppression.import_started': 'Began to import suppressions',
  'suppression.imported': 'Imported suppressions',
  'routing_rule.created': 'Made a routing rule',
  'routing_rule.updated': 'Changed a routing rule',
  'routing_rule.reordered': 'Changed the order of routing rules',
  'routing_rule.deleted': 'Removed a routing rule',
  'webhook_endpoint.created': 'Added a webhook',
  'webhook_endpoint.updated': 'Changed a webhook',
  'webhook_endpoint.secret_rotated': 'Rotated a webhook’s secret',
  'webhook_endpoint.deleted': 'Removed a webhook',
};

export const SUBJECTS: readonly (readonly [string, string])[] = [
  ['account', 'Account'],
  ['api_key', 'API keys'],
  ['provider_connection', 'Connections'],
  ['routing_rule', 'Routing'],
  ['domain', 'Domains'],
  ['suppression', 'Suppressions'],
  ['webhook_endpoint', 'Webhooks'],
  ['email', 'Emails'],
];

export const ACTORS: readonly (readonly [AuditEntry['actor'], string])[] = [
  ['session', 'A person, logged in'],
  ['api_key', 'An API key'],
  ['operator', 'The operator'],
  ['system', 'CourierX'],
];

export const wordsOf = (action: string) => WORDS[action] ?? humanize(action.replace('.', ' '));

/** What names it in the detail, most telling first. */
const NAMES = ['name', 'display_name', 'domain', 'host', 'description'];

/** Of what it was done to: its name, else an address; ids say nothing. */
export function subjectOf({ action, subject_id: id, detail }: AuditEntry): string | null {
  // Of settings, every field is what was changed.
  if (action === 'account.updated') return null;
  const name = NAMES.map((field) => detail[field]).find(
    (value) => typeof value === 'string' && value !== '',
  );
  if (typeof name === 'string') return name;
  return id?.includes('@') === true ? id : null;
}

/** The rest of the detail, as pairs to read. */
export function factsOf({ action, detail }: AuditEntry, subject: string | null): string {
  const isTold = (value: unknown) =>
    action === 'account.updated' || (value !== null && value !== '' && value !== subject);
  return Object.entries(detail)
    .filter(([, value]) => isTold(value))
    .map(([field, value]) => `${humanize(field).toLowerCase()}: ${textOf(value)}`)
    .join(' · ');
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(', ');
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? value.replaceAll('_', ' ') : JSON.stringify(value);
}
