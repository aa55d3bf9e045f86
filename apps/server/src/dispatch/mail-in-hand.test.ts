import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMailFixture, type MailFixture } from '../../test/support/mail-fixture.ts';
import { accepted } from '../../test/support/scripted-provider.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import type { Outcome } from '../providers/outcome.ts';
import type { Dispatcher } from './dispatcher.ts';

let mail: MailFixture;
let dispatcher: Dispatcher;
let account: string;
beforeAll(async () => {
  mail = await createMailFixture();
  dispatcher = mail.startDispatcher({ pollMs: 50, concurrency: 8 });
});
afterAll(() => mail.close());
beforeEach(async () => {
  account = await mail.createAccount();
});

const untilSent = (id: string, accountId = account) =>
  waitFor(
    async () => {
      const email = await mail.get(accountId, id);
      return email.status === 'sent' && email;
    },
    { what: `email ${id} to be sent` },
  );

describe('a mail whose lease ran out while its provider is waited for', () => {
  // As after an outage of the database, or a step of its clock.
  const endLeases = () =>
    mail.database.pool.query(
      `update queue set run_at = now() - interval '1 minute' where lease is not null`,
    );

  it('is not taken again by the worker that has it in hand', async () => {
    const answers: (() => void)[] = [];
    mail.smtp.script(
      await mail.addConnection(account),
      () => new Promise<Outcome>((resolve) => answers.push(() => resolve(accepted()))),
    );
    const mails = await Promise.all(Array.from({ length: 4 }, () => mail.send(account)));
    await waitFor(() => answers.length === 4, { what: 'the provider to be asked' });
    await endLeases();
    // The worker looks, and takes what is another account's.
    const other = await mail.createAccount();
    await mail.addConnection(other);
    await untilSent((await mail.send(other)).id, other);
    dispatcher.wake();
    await untilSent((await mail.send(other)).id, other);
    for (const answer of answers) answer();
    const sent = await Promise.all(mails.map(({ id }) => untilSent(id)));
    expect(sent.map(({ attempts }) => attempts.map(({ outcome }) => outcome))).toEqual(
      mails.map(() => ['accepted']),
    );
    expect(answers).toHaveLength(4);
  });
});

describe('mails with files', () => {
  it('go out while those of another account wait for a provider that hangs', async () => {
    const hanging = await mail.createAccount();
    let isOver = false;
    const answers: (() => void)[] = [];
    mail.smtp.script(
      await mail.addConnection(hanging),
      () =>
        new Promise<Outcome>((resolve) => {
          const answer = () => resolve(accepted());
          if (isOver) answer();
          else answers.push(answer);
        }),
    );
    await mail.addConnection(account);
    const worker = mail.startDispatcher({ pollMs: 50, concurrency: 64 });
    const attachments = [{ filename: 'a.txt', content: 'aGVsbG8=' }];
    for (let index = 0; index < 20; index += 1) await mail.send(hanging, { attachments });
    await waitFor(() => answers.length >= 8, { what: 'the provider to be asked' });
    try {
      await untilSent((await mail.send(account, { attachments })).id);
    } finally {
      isOver = true;
      for (const answer of answers) answer();
      await worker.stop(5_000);
    }
  });
});

describe('an answer that holds what a database does not', () => {
  it('is written down all the same, and the mails written down with it are none the worse', async () => {
    const others = await mail.createAccount();
    await mail.addConnection(others);
    const taken = accepted() as Extract<Outcome, { kind: 'accepted' }>;
    mail.smtp.script(await mail.addConnection(account), () => ({
      ...taken,
      detail: 'taken\0',
      providerMessageId: 'id\0\ud800',
    }));
    const [poison, ...good] = await Promise.all([
      mail.send(account),
      ...Array.from({ length: 6 }, () => mail.send(others)),
    ]);
    const { attempts } = await untilSent(poison.id);
    expect(attempts.map(({ provider_message_id: id }) => id)).toEqual(['id\uFFFD\uFFFD']);
    for (const { id } of good) expect((await untilSent(id, others)).attempts).toHaveLength(1);
  });
});
