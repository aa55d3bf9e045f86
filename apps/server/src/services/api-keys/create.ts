import type { CreateApiKeyRequest, CreatedApiKey } from '@courierx/contract';
import { hasControlCharacter } from '../../lib/address.ts';
import { randomToken, sha256 } from '../../lib/crypto.ts';
import { newId } from '../../lib/ids.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { invalid, ServiceError } from '../service-error.ts';
import { API_KEY_COLUMNS, toWire } from './to-wire.ts';

/** Enough of a key to tell it from others, too little to use. */
const PREFIX_LENGTH = 14;

/** The raw key is in this answer only; its SHA-256 is what is stored. */
export async function createApiKey(
  deps: ServiceDeps,
  principal: Principal,
  input: CreateApiKeyRequest,
): Promise<CreatedApiKey> {
  requirePermission(principal, 'write');
  const { name, mode = 'live', role = 'full' } = input;
  const expiresAt = typeof input.expires_at === 'string' ? new Date(input.expires_at) : null;
  const faults: string[] = [];
  if (hasControlCharacter(name) || name.trim() === '') {
    faults.push('Name must be one line of text');
  }
  // A leap second is a valid time on the wire and none to JavaScript.
  if (expiresAt && !(expiresAt > deps.now())) faults.push('expires_at must be in the future');
  if (faults.length > 0) throw invalid(faults);
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
