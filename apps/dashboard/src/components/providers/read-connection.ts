import type {
  CreateProviderConnectionRequest,
  ProviderConnection,
  UpdateProviderConnectionRequest,
} from '@courierx/contract';
import { PROVIDER_GUIDES, rareFieldsOf, type FieldSpec } from './provider-guides.ts';

const NUMBERS = [
  ...['priority', 'smtp_port', 'smtp_sessions', 'keep_warm_percent'],
  ...['max_per_second', 'max_per_day', 'max_per_month'],
];
const CAPS = ['max_per_second', 'max_per_day', 'max_per_month'] as const;
/** Fields that may be taken away again. */
const EMPTIED = ['endpoint', 'smtp_sessions'];
type Fields = Readonly<Record<string, string>>;

const toWire = (name: string, value: string) => (NUMBERS.includes(name) ? Number(value) : value);

/** What a form of a new connection has; what is wrong with it says the server. */
export function readNew(fields: Fields): CreateProviderConnectionRequest {
  const given = Object.entries(fields).map(([name, value]) => [name, toWire(name, value)]);
  return Object.fromEntries(given) as CreateProviderConnectionRequest;
}

/** What a form of settings changes; an empty cap is none. */
export function readSettings(fields: Fields): UpdateProviderConnectionRequest {
  const caps = CAPS.map((name) => [name, toCap(fields[name])] as const);
  const { display_name: name, priority, keep_warm_percent: warm } = fields;
  return {
    ...Object.fromEntries(caps),
    ...(name !== undefined && { display_name: name }),
    ...(priority !== undefined && { priority: Number(priority) }),
    keep_warm_percent: Number(warm ?? 0),
  };
}

function toCap(value: string | undefined): number | null {
  return value === undefined ? null : Number(value);
}

/** What a field begins with: what is stored, or the first of its options; '' for secrets. */
export function initialOf(spec: FieldSpec, connection: ProviderConnection | undefined): string {
  return storedOf(spec, connection) ?? spec.options?.[0]?.[0] ?? '';
}

/** Secrets never come back. */
export function storedOf({ name }: FieldSpec, connection: ProviderConnection | undefined) {
  const value = (connection as Readonly<Record<string, unknown>> | undefined)?.[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

/** The credentials that differ from what is stored; a secret that is left empty stays. */
export function readCredentials(
  fields: Fields,
  of: ProviderConnection,
): UpdateProviderConnectionRequest {
  const changed: Record<string, string | number | null> = {};
  for (const spec of [...PROVIDER_GUIDES[of.provider].fields, ...rareFieldsOf(of.provider)]) {
    const value = fields[spec.name] ?? '';
    if (value === initialOf(spec, of)) continue;
    if (value !== '') changed[spec.name] = toWire(spec.name, value);
    else if (EMPTIED.includes(spec.name)) changed[spec.name] = null;
  }
  return changed;
}
