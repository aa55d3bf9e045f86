import { isId } from '../../lib/ids.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { notFound, ServiceError } from '../service-error.ts';

/** Pictures beyond it, in the order of their attachments, are left out of the page. */
const MAX_INLINE_BYTES = 8 * 1024 * 1024;

/** The HTML of one email to be looked at: `cid:` pictures are in it as `data:` URLs. */
export async function getPreview(
  deps: ServiceDeps,
  principal: Principal,
  id: string,
): Promise<string> {
  requirePermission(principal, 'read');
  if (!isId(id)) throw notFound();
  const { accountId } = principal;
  const { kysely } = deps.database;
  const email = await kysely
    .selectFrom('emails')
    .leftJoin('emailContents as content', (join) =>
      join.onRef('content.accountId', '=', 'emails.accountId').onRef('emailId', '=', 'emails.id'),
    )
    .select('content.html')
    .where('emails.accountId', '=', accountId)
    .where('emails.id', '=', id)
    .executeTakeFirst();
  if (!email) throw notFound();
  const { html } = email;
  if (html === null) throw new ServiceError('not_found', 'There is no HTML of this email');
  if (!/cid:/i.test(html)) return html;
  const pictures = await kysely
    .selectFrom('emailAttachments')
    .select(['contentId', 'contentType', 'content'])
    .where('accountId', '=', accountId)
    .where('emailId', '=', id)
    .where('contentId', 'is not', null)
    .where('contentType', 'ilike', 'image/%')
    .orderBy('position')
    .execute();
  return inlinePictures(html, pictures);
}

export type InlinePicture = {
  readonly contentId: string | null;
  readonly contentType: string;
  readonly content: Buffer;
};

/** What names no picture stays as it is. */
export function inlinePictures(html: string, pictures: readonly InlinePicture[]): string {
  const urls = new Map<string, string>();
  let bytes = 0;
  for (const { contentId, contentType, content } of pictures) {
    bytes += content.length;
    if (contentId === null || bytes > MAX_INLINE_BYTES) continue;
    const type = /^image\/[\w.+-]+/i.exec(contentType)?.[0] ?? 'image/png';
    urls.set(contentId.replace(/^<|>$/g, ''), `data:${type};base64,${content.toString('base64')}`);
  }
  return html.replace(/cid:([^\s"'()<>]+)/gi, (whole, name: string) => {
    return urls.get(name) ?? urls.get(decode(name)) ?? whole;
  });
}

/** A `cid:` is written as URLs are. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('&amp;', '&'));
  } catch {
    return text;
  }
}
