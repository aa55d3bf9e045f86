import type { EmailDetail, ReleaseEmailRequest } from '@courierx/contract';
import { clientOf } from '../../db/database.ts';
import { releaseHeldEmail } from '../../queue/release-held-email.ts';
import { recordChange } from '../audit/record.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { ServiceError } from '../service-error.ts';
import { getEmail } from './get.ts';

/** Decides of a mail that is held because it may have been sent. Throws `conflict` for any other. */
export async function releaseEmail(
  deps: ServiceDeps,
  principal: Principal,
  { id, action }: ReleaseEmailRequest & { id: string },
): Promise<EmailDetail> {
  requirePermission(principal, 'write');
  // Another account's, or none at all: not found.
  await getEmail(deps, principal, id);
  const { accountId } = principal;
  await deps.database.kysely.transaction().execute(async (transaction) => {
    const client = clientOf(transaction);
    if (!(await releaseHeldEmail(client, { accountId, emailId: id, action }))) {
      throw new ServiceError(
        'conflict',
        'The email is not held: only one whose last attempt is unknown, under on_unknown "hold", can be released',
      );
    }
    const change = { action: 'email.released', subjectId: id, detail: { action } } as const;
    await recordChange(transaction, principal, change);
  });
  return getEmail(deps, principal, id);
}
