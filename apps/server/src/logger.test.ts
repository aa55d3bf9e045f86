import { expect, test } from 'vitest';
import { describeError } from './logger.ts';

test('an error is logged with its code and causes, and with nothing else it carries', () => {
  const cause = Object.assign(new Error('duplicate key'), {
    code: '23505',
    detail: 'Key (email)=(ada@example.com) already exists.',
    client: { password: 'hunter2' },
  });
  const logged = describeError(new Error('outer', { cause }));
  expect(logged).toMatchObject({ message: 'outer', cause: { code: '23505' } });
  expect(JSON.stringify(logged)).not.toMatch(/ada@|hunter2/);
});

test('what is thrown and is no error is logged as it is', () => {
  expect(describeError('text')).toBe('text');
});
