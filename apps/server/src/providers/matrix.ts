import { megabytes } from './carries.ts';
import type { Capabilities, Provider } from './provider.ts';

/** What the matrix shows of an adapter. */
export type DescribedProvider = Pick<Provider, 'name' | 'capabilities' | 'webhooks' | 'settle'>;

type Row = { readonly label: string; readonly cell: (provider: DescribedProvider) => string };

const yesNo = (is: boolean) => (is ? 'yes' : 'no');

function can(label: string, show: (capabilities: Capabilities) => string): Row {
  return { label, cell: ({ capabilities }) => show(capabilities) };
}

const ROWS: readonly Row[] = [
  can('Message, encoded', ({ maxMessageBytes }) => megabytes(maxMessageBytes)),
  can('Recipients of a mail', ({ maxRecipients }) => String(maxRecipients)),
  can('Attachments', ({ attachments }) => yesNo(attachments)),
  can('Inline attachments', ({ inlineAttachments }) => yesNo(inlineAttachments)),
  can('Custom headers', ({ customHeaders }) => yesNo(customHeaders)),
  can('Several reply-to', ({ multipleReplyTo }) => yesNo(multipleReplyTo)),
  can('Tags handed on', ({ maxTags }) => amount(maxTags, String)),
  can('Metadata handed on', ({ maxMetadataBytes }) => amount(maxMetadataBytes, bytes)),
  can('Keeps our Message-ID', ({ keepsMessageId }) => yesNo(keepsMessageId)),
  { label: 'Reports events', cell: reportsOf },
  { label: 'Settles unknown outcomes', cell: ({ settle }) => yesNo(settle !== undefined) },
];

/** The sandbox makes its own. */
function reportsOf({ name, webhooks }: DescribedProvider): string {
  if (webhooks?.tellsFailuresOnly) return 'bounces';
  return yesNo(name === 'sandbox' || webhooks !== undefined);
}

function amount(limit: number | null, show: (limit: number) => string): string {
  if (limit === null) return 'any';
  return limit === 0 ? 'none' : show(limit);
}

function bytes(limit: number): string {
  return limit % 1024 === 0 ? `${limit / 1024} KB` : `${limit} bytes`;
}

/** The capabilities that adapters declare, as a page of Markdown. */
export function renderMatrix(providers: readonly DescribedProvider[]): string {
  const header = ['', ...providers.map(({ name }) => `\`${name}\``)];
  const rows = ROWS.map(({ label, cell }) => [label, ...providers.map(cell)]);
  return (
    [INTRODUCTION, renderTable([header, ...rows]), ...renderReserved(providers)].join('\n\n') + '\n'
  );
}

const INTRODUCTION = `# What each provider carries

Made by \`npm run docs\` from what the adapters declare; do not edit it by hand.

A mail only goes to connections that can carry all of it. What a provider has no place for among tags
and metadata stays with CourierX, where it can be searched and read; that keeps no mail from it. See
[routing](routing.md).`;

function renderReserved(providers: readonly DescribedProvider[]): string[] {
  const lines = providers.flatMap(({ name, capabilities: { reservedHeaders } }) => {
    const names = reservedHeaders.toSorted().map((header) => `\`${header}\``);
    return names.length === 0 ? [] : [`- \`${name}\`: ${names.join(', ')}`];
  });
  return lines.length === 0 ? [] : ['## Headers a provider keeps for itself', lines.join('\n')];
}

/** Aligned as the formatter aligns it. */
function renderTable(rows: readonly (readonly string[])[]): string {
  const [header = []] = rows;
  const widths = header.map((_, column) =>
    Math.max(3, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const [first = '', ...rest] = rows.map(line);
  return [first, rule, ...rest].join('\n');
}
