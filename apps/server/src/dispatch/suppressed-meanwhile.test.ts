import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMailFixture, type MailFixture } from '../../test/support/mail-fixture.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { newId } from '../lib/ids.ts';
import { wakeWaiting } from '../queue/wake-waiting.ts';

let mail: MailFixture;
beforeAll(async () => {
  mail = await createMailFixture();
  mail.startDispatcher({ pollMs: 100 });
});
afterAll(() => mail.close());

async function suppress(accountId: string, address: string, expiresAt: Date | null = null) {
  await mail.database.kysely
    .insertInto('suppressions')
    .values({ accountId, id: newId(), address, reason: 'manual', note: null, expiresAt })
    .execute();
}

it('leaves out recipients suppressed since the mail was taken, one by one or by domain', async () => {
  const account = await mail.createAccount();
  const stranger = await mail.createAccount();
  const to = ['Ada@Gone.example', 'b@example.com', 'c@example.com', 'd@expired.example'];
  const { id } = await mail.send(account, { to });
  await suppress(account, '*@gone.example');
  await suppress(account, 'b@example.com');
  await suppress(account, '*@expired.example', new Date(Date.now() - 1000));
  await suppress(stranger, '*@example.com');
  await mail.addConnection(account);
  await wakeWaiting(mail.database.pool, account);
  const email = await waitFor(
    async () => {
      const found = await mail.get(account, id);
      return found.status !== 'queued' && found;
    },
    { what: 'the mail to be settled' },
  );
  expect(email.recipients.map(({ status }) => status)).toEqual([
    'suppressed',
    'suppressed',
    'sent',
    'sent',
  ]);
});
