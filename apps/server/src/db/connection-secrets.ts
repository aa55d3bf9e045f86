import { decrypt, encrypt } from '../lib/crypto.ts';
import type { Keyring, WrappedKey } from '../lib/keyring.ts';

/** Whose secrets: they open only for the account and the connection they were sealed for. */
export type SecretOwner = {
  readonly accountId: string;
  readonly connectionId: string;
  readonly dataKey: WrappedKey;
};

/** A connection's secret fields (`api_key`, `secret`), by name. */
export type StoredSecrets = Readonly<Record<string, string>>;

function contextOf(owner: SecretOwner, purpose: string): string {
  return `${purpose}:${owner.accountId}:${owner.connectionId}`;
}

export function sealSecrets(keyring: Keyring, owner: SecretOwner, secrets: StoredSecrets): Buffer {
  const key = keyring.unwrap(owner.accountId, owner.dataKey);
  return encrypt(key, Buffer.from(JSON.stringify(secrets)), contextOf(owner, 'connection'));
}

/** Throws when the master key is not the one the database was written with. */
export function openSecrets(
  keyring: Keyring,
  owner: SecretOwner,
  sealed: Buffer | null,
): StoredSecrets {
  if (sealed === null) return {};
  const key = keyring.unwrap(owner.accountId, owner.dataKey);
  return JSON.parse(
    decrypt(key, sealed, contextOf(owner, 'connection')).toString(),
  ) as StoredSecrets;
}

export function sealWebhookSecret(keyring: Keyring, owner: SecretOwner, secret: string): Buffer {
  const key = keyring.unwrap(owner.accountId, owner.dataKey);
  return encrypt(key, Buffer.from(secret), contextOf(owner, 'webhook'));
}

export function openWebhookSecret(keyring: Keyring, owner: SecretOwner, sealed: Buffer): string {
  const key = keyring.unwrap(owner.accountId, owner.dataKey);
  return decrypt(key, sealed, contextOf(owner, 'webhook')).toString();
}
