import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasControlCharacter } from '../lib/address.ts';
import { toDetail } from './detail.ts';

it('is one line, bounded, well-formed, and free of the secrets', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 2_000 }),
      fc.string({ unit: 'grapheme-ascii', minLength: 8, maxLength: 40 }),
      (text, secret) => {
        const detail = toDetail(`${text} ${secret}\r\n${text}`, [secret, undefined]);
        expect(detail.length).toBeLessThanOrEqual(500);
        expect(hasControlCharacter(detail)).toBe(false);
        expect(detail.isWellFormed()).toBe(true);
        if (!'[redacted]'.includes(secret)) expect(detail).not.toContain(secret);
      },
    ),
    { numRuns: 500 },
  );
});
