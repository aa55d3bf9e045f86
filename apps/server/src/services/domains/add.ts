import type { CreateDomainRequest, Domain } from '@courierx/contract';
import { isUniqueViolation } from '../../db/errors.ts';
import { randomToken } from '../../lib/crypto.ts';
import { newId } from '../../lib/ids.ts';
import { recordChange } from '../audit/record.ts';
import { requireSound, type Checked } from '../checked.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { requireRoom } from '../require-room.ts';
import { invalid } from '../service-error.ts';
import { checkDomainName } from './name.ts';
import { findProviders, toWire } from './rows.ts';

/**
 * Adds a domain with a token of its own. It is looked for in the background from now on; others may
 * have added the domain too, since only a token in the DNS says whose it is.
 */
export async function addDomain(
  deps: ServiceDeps,
  principal: Principal,
  body: Checked<CreateDomainRequest>,
): Promise<Domain> {
  requirePermission(principal, 'write');
  const given = body.sound.domain;
  const name = given === undefined || given === '' ? null : checkDomainName(given);
  requireSound(body, name !== null && 'fault' in name ? [name.fault] : []);
  const domain = name !== null && 'domain' in name ? name.domain : '';
  const { accountId } = principal;
  const id = newId();
  const row = await deps.database.kysely
    .transaction()
    .execute(async (transaction) => {
      await requireRoom(transaction, 'domains', accountId);
      const added = await transaction
        .insertInto('domains')
        .values({
          ...{ accountId, id, domain },
          verificationToken: `dns_${randomToken(24)}`,
          checkStatus: null,
          checkMessage: null,
          nextCheckAt: new Date(deps.now().getTime() + FIRST_LOOK_MS),
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      await recordChange(transaction, principal, {
        action: 'domain.created',
        subjectId: id,
        detail: { domain },
      });
      return added;
    })
    .catch((error: unknown) => {
      if (isUniqueViolation(error)) throw invalid('Domain has already been added');
      throw error;
    });
  return toWire(row, await findProviders(deps.database.kysely, accountId));
}

/** Nobody has the record up before the token is shown, and resolvers remember an early no. */
const FIRST_LOOK_MS = 60_000;
