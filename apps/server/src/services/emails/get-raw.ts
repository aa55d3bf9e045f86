import { isId } from '../../lib/ids.ts';
import type { OutgoingMessage } from '../../providers/message.ts';
import { buildMime } from '../../providers/mime.ts';
import { loadAttachments } from '../../queue/load-attachments.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { notFound, ServiceError } from '../service-error.ts';

/** One email as SMTP sends it: MIME without a Bcc header. Providers with an API compose their own. */
export async function getRawEmail(
  deps: ServiceDeps,
  principal: Principal,
  id: string,
): Promise<Buffer> {
  requirePermission(principal, 'read');
  if (!isId(id)) throw notFound();
  const { accountId } = principal;
  const { kysely, pool } = deps.database;
  const email = await kysely
    .selectFrom('emails')
    .selectAll()
    .where('accountId', '=', accountId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!email) throw notFound();
  const content = await kysely
    .selectFrom('emailContents')
    .select(['html', 'text', 'headers'])
    .where('accountId', '=', accountId)
    .where('emailId', '=', id)
    .executeTakeFirst();
  if (!content) throw new ServiceError('not_found', 'The content of this email is no longer kept');
  const attachments = await loadAttachments(pool, { accountId, id });
  const ofType = (type: 'to' | 'cc' | 'bcc') => email.recipients.filter((to) => to.type === type);
  const message: OutgoingMessage = {
    ...{ ...content, attachments, emailId: id, attemptNumber: 1 },
    messageId: email.messageId,
    date: email.createdAt,
    from: { address: email.fromEmail, name: email.fromName },
    replyTo: email.replyTo,
    ...{ to: ofType('to'), cc: ofType('cc'), bcc: ofType('bcc') },
    recipients: email.recipients.map(({ address }) => address),
    subject: email.subject,
    tags: email.tags,
    metadata: email.metadata,
  };
  return buildMime(message);
}
