import { expect, it } from 'vitest';
import { WorkLoop } from './work-loop.ts';

const until = (check: () => boolean) => expect.poll(check, { timeout: 5_000 }).toBe(true);

it('looks again at once while there is more, and then when it is called', async () => {
  let looks = 0;
  const loop = new WorkLoop({
    look: () => Promise.resolve((looks += 1) < 3),
    onError: () => undefined,
    pollMs: 60_000,
    gapMs: 1,
  });
  loop.start();
  loop.start();
  await until(() => looks === 3);
  loop.wake();
  await until(() => looks === 4);
  await loop.stop();
  loop.wake();
  expect(looks).toBe(4);
});

it('does not miss a call that comes during a look', async () => {
  let looks = 0;
  let endLook: () => void = () => undefined;
  const loop = new WorkLoop({
    look: () => {
      looks += 1;
      return new Promise((resolve) => {
        endLook = () => resolve(false);
      });
    },
    onError: () => undefined,
    pollMs: 60_000,
    gapMs: 1,
  });
  loop.start();
  await until(() => looks === 1);
  loop.wake();
  endLook();
  await until(() => looks === 2);
  const stopped = loop.stop();
  endLook();
  await stopped;
});

it('goes on after a look that failed, by the clock', async () => {
  let looks = 0;
  const errors: unknown[] = [];
  const loop = new WorkLoop({
    look: () => ((looks += 1) === 1 ? Promise.reject(new Error('away')) : Promise.resolve(false)),
    onError: (error) => errors.push(error),
    pollMs: 5,
    gapMs: 1,
  });
  loop.start();
  await until(() => looks > 2);
  await loop.stop();
  expect(errors).toHaveLength(1);
});
