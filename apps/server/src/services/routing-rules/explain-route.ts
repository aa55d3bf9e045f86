import type { ApiKeyMode, ProviderName } from '@courierx/contract';
import { domainOf } from '../../lib/address.ts';
import type { MailLoad, Misfit } from '../../providers/carries.ts';
import type { Principal } from '../context.ts';
import type { NormalEmail } from '../emails/normalize.ts';

/** The engine's own word on where a mail would go; given by the composition root. */
export type ExplainRoute = (mail: MailToRoute) => Promise<ExplainedRoute>;

export type MailToRoute = {
  readonly accountId: string;
  readonly mode: ApiKeyMode;
  readonly senderDomain: string;
  readonly recipientDomains: readonly string[];
  readonly tags: readonly string[];
  readonly load: MailLoad;
};

export type ExplainedRoute = {
  readonly ruleId: string | null;
  /** In the order they are looked at; `reason` null: it matches. */
  readonly rules: readonly { id: string; name: string; reason: string | null }[];
  readonly connections: readonly {
    readonly id: string;
    readonly displayName: string;
    readonly provider: ProviderName;
    readonly isDisabled: boolean;
    /** False: whatever its state, mail like this never goes there. */
    readonly isCandidate: boolean;
    readonly isFailoverOnly: boolean;
    readonly misfit: Misfit | null;
    readonly decision: 'used' | 'passed over';
    readonly reason: string;
    readonly share: number | null;
  }[];
  readonly waits: string | null;
  readonly trace: readonly string[];
};

export function toMailToRoute(principal: Principal, email: NormalEmail): MailToRoute {
  const { accountId, mode } = principal;
  return {
    accountId,
    mode,
    senderDomain: domainOf(email.from.address),
    recipientDomains: [...new Set(email.recipients.map(({ address }) => domainOf(address)))],
    tags: email.tags,
    load: toLoad(email),
  };
}

export function toLoad(email: NormalEmail): MailLoad {
  const inline = email.attachments.filter(({ contentId }) => contentId !== null).length;
  return {
    encodedBytes: email.encodedBytes,
    recipients: email.recipients.length,
    attachments: email.attachments.length - inline,
    inlineAttachments: inline,
    headers: email.headers.map(({ name }) => name),
    replyTo: email.replyTo.length,
  };
}
