import type { UpdateProviderConnectionRequest } from '@courierx/contract';
import { hasControlCharacter } from '../../lib/address.ts';
import type { ConnectionSecrets, ConnectionSettings } from '../../providers/connection.ts';
import type { Provider } from '../../providers/provider.ts';

/** A connection's credentials, the secret ones apart. */
export type Credentials = {
  readonly settings: ConnectionSettings;
  readonly secrets: ConnectionSecrets;
};

const SETTING_FIELDS = [
  'region',
  'configuration_set',
  'message_stream',
  'smtp_host',
  'smtp_port',
  'smtp_tls',
  'smtp_sessions',
  'endpoint',
] as const;
const SECRET_FIELDS = ['api_key', 'secret'] as const;

type Given = Pick<
  UpdateProviderConnectionRequest,
  (typeof SETTING_FIELDS)[number] | (typeof SECRET_FIELDS)[number]
>;

/** Whether a request touches what the provider has to agree to. */
export function changesCredentials(input: Given): boolean {
  return [...SETTING_FIELDS, ...SECRET_FIELDS].some((field) => input[field] !== undefined);
}

/** The stored credentials with what is given laid over them; null takes a field away. */
export function mergeCredentials(stored: Credentials, input: Given): Credentials {
  const lay = (fields: readonly (keyof Given)[], base: object) => {
    const merged: Record<string, unknown> = { ...base };
    for (const field of fields) if (input[field] !== undefined) merged[field] = input[field];
    return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
  };
  return {
    settings: lay(SETTING_FIELDS, stored.settings),
    secrets: lay(SECRET_FIELDS, stored.secrets),
  };
}

/**
 * Every fault of the credentials for this provider, each naming its field. Fields in `unsound` were
 * given, and their schema's words for them said already.
 */
export function checkCredentials(
  provider: Provider,
  { settings, secrets }: Credentials,
  unsound: ReadonlySet<string>,
): readonly string[] {
  const given: Record<string, unknown> = { ...settings, ...secrets };
  const { required, optional } = provider.credentials;
  const known: readonly string[] = [...required, ...optional];
  const missing = required
    .filter((field) => given[field] === undefined && !unsound.has(field))
    .map((field) => `${field} is required for ${provider.name}`);
  const foreign = Object.keys(given)
    .filter((field) => !known.includes(field))
    .map((field) => `${field} is not used by ${provider.name}; leave it out`);
  const malformed = Object.entries(given)
    .filter(([, value]) => typeof value === 'string' && hasControlCharacter(value))
    .map(([field]) => `${field} must not contain control characters or line breaks`);
  const faults = [...missing, ...foreign, ...malformed, ...checkEndpoint(settings.endpoint)];
  // Adapters look at complete settings only.
  const isComplete = faults.length === 0 && !required.some((field) => unsound.has(field));
  return isComplete ? provider.checkSettings(settings, secrets) : faults;
}

function checkEndpoint(endpoint: string | undefined): string[] {
  if (endpoint === undefined) return [];
  const url = URL.parse(endpoint);
  if (!url || !/^https?:$/.test(url.protocol)) {
    return ['endpoint must be an http or https address'];
  }
  return url.username === '' && url.password === '' ? [] : ['endpoint must not hold credentials'];
}

/** Faults of a webhook secret for this provider. */
export function checkWebhookSecret(
  provider: Provider | undefined,
  secret: string | null | undefined,
): readonly string[] {
  return typeof secret === 'string' ? (provider?.webhooks?.checkSecret(secret) ?? []) : [];
}

/** The last four characters of a key long enough to keep the rest secret. */
export function hintOf({ api_key: apiKey }: ConnectionSecrets): string | null {
  return apiKey !== undefined && apiKey.length >= 12 ? apiKey.slice(-4) : null;
}
