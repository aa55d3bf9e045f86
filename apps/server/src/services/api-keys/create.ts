import type { CreateApiKeyRequest, CreatedApiKey } from '@courierx/contract';
import { parseDomain } from '../../lib/address.ts';
import { randomToken, sha256 } from '../../lib/crypto.ts';
import { newId } from '../../lib/ids.ts';
import { recordChange } from '../audit/record.ts';
import { checkLine, requireSound, type Checked } from '../checked.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { API_KEY_COLUMNS, toWire } from './to-wire.ts';

/** Enough of a key to tell it from others, too little to use. */
const PREFIX_LENGTH = 14;

/** The raw key is in this answer only; its SHA-256 is what is stored. */
export async function createApiKey(
  deps: ServiceDeps,
  principal: Principal,
  input: Checked<CreateApiKeyRequest>,
): Promise<CreatedApiKey> {
  requirePermission(principal, 'write');
  const { expires_at: expiry } = input.sound;
  const expiresAt = typeof expiry === 'string' ? new Date(expiry) : null;
  const faults = checkLine(input.sound.name, 'Name');
  // A leap second is a time to RFC 3339 and none to JavaScript: NaN, which is in no future.
  if (expiresAt && !(expiresAt > deps.now())) faults.push('expires_at must be in the future');
  const { domain: given, role: givenRole } = input.sound;
  const domain = typeof given === 'string' ? parseDomain(given.trim()) : null;
  if (typeof given === 'string' && domain === null) {
    faults.push('Domain is not a valid domain name');
  }
  if (typeof given === 'string' && givenRole !== 'send') {
    faults.push('Domain is for keys that only send; give role "send" with it');
  }
  const { name, mode = 'live', role = 'full' } = requireSound(input, faults);
  const rawKey = `cxk_${mode}_${randomToken(32)}`;
  const columns = { name: name.trim(), mode, role, domain };
  const id = newId();
  const row = await deps.database.kysely.transaction().execute(async (transaction) => {
    const made = await transaction
      .insertInto('apiKeys')
      .values({
        ...columns,
        accountId: principal.accountId,
        id,
        prefix: rawKey.slice(0, PREFIX_LENGTH),
        hash: sha256(rawKey),
        expiresAt,
      })
      .returning(API_KEY_COLUMNS)
      .executeTakeFirstOrThrow();
    await recordChange(transaction, principal, {
      action: 'api_key.created',
      subjectId: id,
      detail: columns,
    });
    return made;
  });
  return { ...toWire(row, deps.now()), raw_key: rawKey };
}
