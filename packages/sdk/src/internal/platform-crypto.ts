type WithCrypto = { crypto?: Crypto };

/** The Web Crypto API, which Node 18 has but not as a global. */
export async function platformCrypto(): Promise<Crypto> {
  const { crypto } = globalThis as WithCrypto;
  if (crypto) return crypto;
  // Not written into the import itself: bundlers for other platforms would look for it.
  const name = 'node:crypto';
  const { webcrypto } = (await import(name)) as { webcrypto: Crypto };
  return webcrypto;
}
