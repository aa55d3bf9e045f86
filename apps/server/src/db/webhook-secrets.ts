import { decrypt, encrypt } from '../lib/crypto.ts';
import type { Keyring, WrappedKey } from '../lib/keyring.ts';

/** Whose signing secret: it opens only for the account and the endpoint it was sealed for. */
export type EndpointOwner = {
  readonly accountId: string;
  readonly endpointId: string;
  readonly dataKey: WrappedKey;
};

function contextOf({ accountId, endpointId }: EndpointOwner): string {
  return `webhook-endpoint:${accountId}:${endpointId}`;
}

export function sealSigningSecret(keyring: Keyring, owner: EndpointOwner, secret: string): Buffer {
  const key = keyring.unwrap(owner.accountId, owner.dataKey);
  return encrypt(key, Buffer.from(secret), contextOf(owner));
}

/** Throws when the master key is not the one the database was written with. */
export function openSigningSecret(keyring: Keyring, owner: EndpointOwner, sealed: Buffer): string {
  const key = keyring.unwrap(owner.accountId, owner.dataKey);
  return decrypt(key, sealed, contextOf(owner)).toString();
}
