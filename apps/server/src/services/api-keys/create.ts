import type { CreateApiKeyRequest, CreatedApiKey } from '@courierx/contract';
import { randomToken, sha256 } from '../../lib/crypto.ts';
import { newId } from '../../lib/ids.ts';
import { checkLine, requireSound, type Checked } from '../checked.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { ServiceError } from '../service-error.ts';
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
  const { name, mode = 'live', role = 'full' } = requireSound(input, faults);
  if (principal.mode === 'test' && mode === 'live') {
    throw new ServiceError('forbidden', 'A test key can not make a live key.');
  }
  const rawKey = `cxk_${mode}_${randomToken(32)}`;
  const row = await deps.database.kysely
    .insertInto('apiKeys')
    .values({
      accountId: principal.accountId,
      id: newId(),
      name: name.trim(),
      mode,
      role,
      prefix: rawKey.slice(0, PREFIX_LENGTH),
      hash: sha256(rawKey),
      expiresAt,
    })
    .returning(API_KEY_COLUMNS)
    .executeTakeFirstOrThrow();
  return { ...toWire(row, deps.now()), raw_key: rawKey };
}
