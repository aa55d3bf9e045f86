import type { Email, EmailDetail } from '@courierx/contract';
import { queryOptions } from '@tanstack/react-query';
import { omit } from '../../../lib/omit.ts';
import { callApi, callApiForText } from '../../../lib/api-client.ts';
import { readAttachments } from './read-attachments.ts';

export const emailQuery = (id: string) =>
  queryOptions({
    queryKey: ['emails', 'one', id],
    queryFn: ({ signal }) => callApi<EmailDetail>('GET', `/emails/${id}`, { signal }),
    refetchInterval: 15_000,
  });

export const rawEmailQuery = (id: string) =>
  queryOptions({
    queryKey: ['emails', 'raw', id],
    queryFn: ({ signal }) =>
      callApiForText(`/emails/${id}/raw`, { signal, headers: { accept: '*/*' } }),
    staleTime: Infinity,
  });

/** The same mail once more, as a new one. */
export async function sendAgain(email: EmailDetail): Promise<Email> {
  const attachments = await readAttachments(email);
  const metadata = omit(email.metadata, 'idempotency_key');
  const of = (type: string) =>
    email.recipients
      .filter((recipient) => recipient.type === type)
      .map((recipient) => ({ email: recipient.email, name: recipient.name }));
  const [cc, bcc] = [of('cc'), of('bcc')];
  const body = {
    from: { email: email.from_email, name: email.from_name },
    to: of('to'),
    ...(cc.length > 0 && { cc }),
    ...(bcc.length > 0 && { bcc }),
    ...(email.reply_to.length > 0 && { reply_to: email.reply_to }),
    subject: email.subject,
    html: email.html_body,
    text: email.text_body,
    headers: email.headers,
    tags: email.tags,
    metadata,
    ...(attachments.length > 0 && { attachments }),
  };
  return callApi('POST', '/emails', { body });
}

/** Decides on a mail that is held because it may have been sent. */
export function releaseEmail(id: string, action: 'resend' | 'give_up'): Promise<Email> {
  return callApi('POST', `/emails/${id}/release`, { body: { action } });
}
