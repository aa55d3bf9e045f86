import type { List } from '../internal/list.ts';
import { Resource } from '../internal/resource.ts';
import type { CallOptions } from '../internal/transport.ts';
import type { PageInput } from './page-input.ts';

export type AuditActor = 'session' | 'api_key' | 'operator' | 'system';

/** One change: who did what, to what, when. Secrets are never in it. */
export type AuditEntry = {
  id: string;
  actor: AuditActor;
  apiKeyId: string | null;
  /** Such as `api_key.created`. */
  action: string;
  /** What was changed. */
  subjectId: string | null;
  detail: Record<string, unknown>;
  occurredAt: string;
};

export type ListAuditLogInput = PageInput & {
  /** An action, or what it is done to: `api_key.created`, `api_key`. */
  action?: string | undefined;
  actor?: AuditActor | undefined;
  apiKeyId?: string | undefined;
  subjectId?: string | undefined;
  /** At or after. */
  from?: string | Date | undefined;
  /** Before; a bare date includes that whole day. */
  to?: string | Date | undefined;
};

export class AuditLog extends Resource {
  /** Newest first. */
  list(input: ListAuditLogInput = {}, options?: CallOptions): List<AuditEntry> {
    return this.pages('/audit_log', input, options);
  }
}
