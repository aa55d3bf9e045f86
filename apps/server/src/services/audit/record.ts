import type { AuditActor } from '@courierx/contract';
import type { Kysely } from 'kysely';
import type { Tables } from '../../db/types.ts';
import { newId } from '../../lib/ids.ts';
import type { Principal } from '../context.ts';

/** What can be changed, and how; the words of the audit log. */
export const AUDIT_ACTIONS = [
  'account.created',
  'account.updated',
  'account.email_changed',
  'account.password_changed',
  'account.limit_changed',
  'account.deleted',
  'api_key.created',
  'api_key.revoked',
  'api_key.deleted',
  'email.released',
  'provider_connection.created',
  'provider_connection.updated',
  'provider_connection.reordered',
  'provider_connection.deleted',
  'domain.created',
  'domain.verified',
  'domain.unverified',
  'domain.deleted',
  'suppression.created',
  'suppression.deleted',
  'suppression.import_started',
  'suppression.imported',
  'routing_rule.created',
  'routing_rule.updated',
  'routing_rule.reordered',
  'routing_rule.deleted',
  'webhook_endpoint.created',
  'webhook_endpoint.updated',
  'webhook_endpoint.secret_rotated',
  'webhook_endpoint.deleted',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

export type Change = {
  readonly action: AuditAction;
  /** The id of what was changed, or its address; null for the account itself. */
  readonly subjectId: string | null;
  /** What a reader needs to know of it: names, the fields that changed. Never a secret. */
  readonly detail?: Readonly<Record<string, unknown>>;
};

/** Who made it: a caller, or CourierX and its operator, who act on an account from outside. */
export type Author =
  | Pick<Principal, 'accountId' | 'apiKeyId'>
  | { readonly accountId: string; readonly actor: 'operator' | 'system' };

/**
 * Writes a change into the account's audit log. Give the transaction that makes the change, so that
 * neither stands without the other.
 */
export async function recordChange(
  transaction: Kysely<Tables>,
  author: Author,
  { action, subjectId, detail = {} }: Change,
): Promise<void> {
  const apiKeyId = 'actor' in author ? null : author.apiKeyId;
  await transaction
    .insertInto('auditLog')
    .values({
      accountId: author.accountId,
      id: newId(),
      actor: actorOf(author),
      apiKeyId,
      action,
      subjectId,
      detail: JSON.stringify(detail),
    })
    .execute();
}

function actorOf(author: Author): AuditActor {
  if ('actor' in author) return author.actor;
  return author.apiKeyId === null ? 'session' : 'api_key';
}
