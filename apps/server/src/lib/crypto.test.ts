import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decrypt, encrypt, hashPassword, randomToken, verifyPassword } from './crypto.ts';

describe('a password', () => {
  it('is known again, and no other', async () => {
    const stored = await hashPassword('correct horse');
    expect(stored).toMatch(/^argon2id\$m=19456,t=2,p=1\$[\w-]{22}\$[\w-]{43}$/);
    expect(stored).not.toContain('correct');
    expect(await verifyPassword('correct horse', stored)).toBe(true);
    for (const wrong of ['', 'Correct horse', 'correct horse ']) {
      expect(await verifyPassword(wrong, stored)).toBe(false);
    }
  });

  it('is hashed with a salt of its own', async () => {
    expect(await hashPassword('same')).not.toBe(await hashPassword('same'));
  });

  it('is the same in either Unicode form', async () => {
    expect(await verifyPassword('cafe\u0301', await hashPassword('caf\u00e9'))).toBe(true);
  });

  it('of nobody is always wrong', async () => {
    expect(await verifyPassword('x', null)).toBe(false);
  });

  it('whose hash is damaged is an error, not a yes', async () => {
    await expect(verifyPassword('x', 'argon2id$')).rejects.toThrow('not readable');
  });
});

describe('encryption', () => {
  const key = randomBytes(32);

  it.each(['', 'x', 'é😀', 'x'.repeat(100_000)])('gives back what it was given', (text) => {
    const sealed = encrypt(key, Buffer.from(text), 'a');
    expect(decrypt(key, sealed, 'a').toString()).toBe(text);
    if (text.length > 3) expect(sealed.includes(text.slice(0, 20))).toBe(false);
  });

  it('never seals alike', () => {
    const [one, two] = [encrypt(key, Buffer.from('x'), 'a'), encrypt(key, Buffer.from('x'), 'a')];
    expect(one.equals(two)).toBe(false);
  });

  it('opens for no other key, context, or a changed byte', () => {
    const sealed = encrypt(key, Buffer.from('secret'), 'a');
    expect(() => decrypt(randomBytes(32), sealed, 'a')).toThrow();
    expect(() => decrypt(key, sealed, 'b')).toThrow();
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
      expect(() => decrypt(key, changed, 'a')).toThrow();
    }
    for (const length of [0, 11, 12, 27, 28]) {
      expect(() => decrypt(key, sealed.subarray(0, length), 'a')).toThrow();
    }
  });
});

it('a random token is as long as it says, and URL-safe', () => {
  expect(randomToken(32)).toMatch(/^[\w-]{43}$/);
  expect(randomToken(32)).not.toBe(randomToken(32));
});
