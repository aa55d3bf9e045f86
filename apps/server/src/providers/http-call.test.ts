import { expect, it } from 'vitest';
import type { Dispatcher } from 'undici';
import { HttpCall } from './http-call.ts';

/** As undici does, an abort ends the call with its reason. */
function begin(call: HttpCall): { aborts: number } {
  const seen = { aborts: 0 };
  const abort = (reason: Error) => {
    seen.aborts += 1;
    call.onResponseError(null, reason);
  };
  call.onRequestStart({ abort } as unknown as Dispatcher.DispatchController);
  return seen;
}

it('is not begun a second time, as the first try may have arrived', async () => {
  const call = new HttpCall();
  expect(begin(call).aborts).toBe(0);
  expect(begin(call).aborts).toBe(1);
  await expect(call.answer).rejects.toThrow('The connection was lost');
});

it('is not begun at all once it was aborted while it waited for a connection', async () => {
  const call = new HttpCall();
  call.abort(new Error('late'));
  expect(begin(call).aborts).toBe(1);
  await expect(call.answer).rejects.toThrow('late');
});
