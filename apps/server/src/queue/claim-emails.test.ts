import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMailFixture, type MailFixture } from '../../test/support/mail-fixture.ts';
import { newId } from '../lib/ids.ts';
import { claimEmails, type ClaimOptions } from './claim-emails.ts';

const FIRST = '00000000-0000-0000-0000-000000000000';

let mail: MailFixture;
let accounts: string[];

beforeAll(async () => {
  mail = await createMailFixture();
});
afterAll(() => mail.close());
beforeEach(async () => {
  await mail.database.pool.query('delete from queue');
  accounts = await Promise.all([mail.createAccount(), mail.createAccount(), mail.createAccount()]);
  accounts.sort();
  await Promise.all(accounts.flatMap((account) => [mail.send(account), mail.send(account)]));
});

function claim(over: Partial<ClaimOptions> = {}) {
  return claimEmails(mail.database.pool, {
    ...{ lease: newId(), leaseMs: 60_000, limit: 10, perAccount: 10 },
    ...{ atMost: new Map(), inHand: [], afterAccount: FIRST },
    ...over,
  });
}

const owners = (claims: readonly { accountId: string }[]) =>
  claims.map(({ accountId }) => accounts.indexOf(accountId)).toSorted();

describe('a claim', () => {
  it('takes no more of each account than it may, and none twice', async () => {
    const first = await claim({ perAccount: 1 });
    expect(owners(first.claims)).toEqual([0, 1, 2]);
    const second = await claim();
    expect(owners(second.claims)).toEqual([0, 1, 2]);
    expect((await claim()).claims).toEqual([]);
  });

  it('leaves mail to the worker that has it in hand, though its lease ran out', async () => {
    const own = await claim({ perAccount: 1 });
    const inHand = own.claims.map(({ emailId }) => emailId);
    await mail.database.pool.query(`update queue set run_at = now() - interval '1 minute'`);
    expect(owners((await claim({ inHand })).claims)).toEqual([0, 1, 2]);
    // Another worker takes it over.
    expect(owners((await claim()).claims)).toEqual([0, 1, 2]);
  });

  it('takes what is left of an account that has mail under way, or none', async () => {
    const [full = '', half = ''] = accounts;
    const atMost = new Map([
      [full, 0],
      [half, 1],
    ]);
    expect(owners((await claim({ atMost })).claims)).toEqual([1, 2, 2]);
  });

  it('that stops at its limit says where the next goes on, so that nobody is left out', async () => {
    const first = await claim({ limit: 3 });
    expect(owners(first.claims)).toEqual([0, 0, 1]);
    expect(first.lastAccount).toBe(accounts[1]);
    const second = await claim({ limit: 3, afterAccount: first.lastAccount ?? FIRST });
    expect(owners(second.claims)).toEqual([2, 2]);
    expect(second.lastAccount).toBeNull();
  });
});
