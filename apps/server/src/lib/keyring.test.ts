import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { createKeyring } from './keyring.ts';

const [old, fresh] = [randomBytes(32), randomBytes(32)];

it('a data key opens for its account only', () => {
  const keyring = createKeyring([fresh]);
  const key = keyring.createDataKey('a');
  expect(keyring.unwrap('a', key)).toHaveLength(32);
  expect(keyring.unwrap('a', key).equals(keyring.unwrap('a', key))).toBe(true);
  expect(() => keyring.unwrap('b', key)).toThrow();
  expect(key.master).toMatch(/^[0-9a-f]{12}$/);
  expect(fresh.toString('hex')).not.toContain(key.master);
});

it('each data key is another', () => {
  const keyring = createKeyring([fresh]);
  const [one, two] = [keyring.createDataKey('a'), keyring.createDataKey('a')];
  expect(keyring.unwrap('a', one).equals(keyring.unwrap('a', two))).toBe(false);
});

it('the master key rotates: the old one opens, the new one wraps, then the old one can go', () => {
  const before = createKeyring([old]).createDataKey('a');
  const both = createKeyring([fresh, old]);
  const after = both.rewrap('a', before);
  expect(after.master).toBe(both.current);
  const alone = createKeyring([fresh]);
  expect(alone.unwrap('a', after).equals(both.unwrap('a', before))).toBe(true);
  expect(() => alone.unwrap('a', before)).toThrow(/COURIERX_ENCRYPTION_KEY/);
});

it('a keyring without a key is an error', () => {
  expect(() => createKeyring([])).toThrow('at least one master key');
});
