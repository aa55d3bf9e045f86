import type pg from 'pg';

export type LoadedAttachment = {
  readonly filename: string;
  readonly contentType: string;
  readonly contentId: string | null;
  readonly content: Buffer;
};

/** The files of one email, in order; read only when an attempt is about to be made. */
export async function loadAttachments(
  pool: pg.Pool,
  email: { accountId: string; id: string },
): Promise<LoadedAttachment[]> {
  const result = await pool.query<LoadedAttachment>({
    name: 'load-attachments',
    text: `select filename, content_type as "contentType", content_id as "contentId", content
           from email_attachments where account_id = $1 and email_id = $2 order by position`,
    values: [email.accountId, email.id],
  });
  return result.rows;
}
