import { randomBytes } from 'node:crypto';
import { decrypt, encrypt, sha256 } from './crypto.ts';

/** An account's data key as stored: wrapped, with the name of the master key that wrapped it. */
export type WrappedKey = { readonly wrapped: Buffer; readonly master: string };

/** The master keys: the first wraps, all unwrap, so the master rotates without downtime. */
export type Keyring = {
  /** The name of the master key that wraps from now on. */
  readonly current: string;
  /** Whether the key of this name is at hand. */
  knows(name: string): boolean;
  createDataKey(accountId: string): WrappedKey;
  /** The data key in the clear; throws when no known master key wrapped it. */
  unwrap(accountId: string, key: WrappedKey): Buffer;
  /** The same data key under the current master. */
  rewrap(accountId: string, key: WrappedKey): WrappedKey;
};

/** `masters`: 32-byte keys, the current one first. */
export function createKeyring(masters: readonly Buffer[]): Keyring {
  const byName = new Map(masters.map((key) => [nameOf(key), key]));
  const [first] = masters;
  if (!first) throw new Error('A keyring needs at least one master key.');
  const current = nameOf(first);

  const wrap = (accountId: string, dataKey: Buffer): WrappedKey => ({
    wrapped: encrypt(first, dataKey, `data-key:${accountId}`),
    master: current,
  });
  const unwrap = (accountId: string, key: WrappedKey): Buffer => {
    const master = byName.get(key.master);
    if (!master) {
      throw new Error(
        `No encryption key named ${key.master}: set COURIERX_ENCRYPTION_KEY to the key this database was written with.`,
      );
    }
    return decrypt(master, key.wrapped, `data-key:${accountId}`);
  };
  return {
    current,
    knows: (name) => byName.has(name),
    createDataKey: (accountId) => wrap(accountId, randomBytes(32)),
    unwrap,
    rewrap: (accountId, key) => wrap(accountId, unwrap(accountId, key)),
  };
}

/** A key's name tells keys apart and says nothing of the key. */
function nameOf(key: Buffer): string {
  return sha256(Buffer.concat([Buffer.from('courierx-master:'), key]))
    .toString('hex')
    .slice(0, 12);
}
