import { readdir, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import type { OpenAPIV3_1 } from 'openapi-types';
import { renderPage, type MenuGroup } from './layout.ts';
import { renderMarkdown, type Rendered } from './markdown.ts';
import { outlineOf, renderReference } from './reference.ts';

/** The guides, in the order a newcomer reads them; others in the folder come last. */
const GUIDES: readonly { title: string; names: readonly string[] }[] = [
  { title: 'Start', names: ['quickstart', 'sending', 'sdks', 'errors'] },
  {
    title: 'Delivery',
    names: ['providers', 'failover', 'routing', 'events', 'suppressions', 'domains'],
  },
  { title: 'Your side', names: ['dashboard', 'webhooks', 'analytics'] },
  {
    title: 'Providers',
    names: [
      ...['provider-matrix', 'providers/amazon-ses', 'providers/mailgun', 'providers/postmark'],
      ...['providers/resend', 'providers/sendgrid', 'providers/smtp', 'adding-a-provider'],
    ],
  },
  {
    title: 'Self-hosting',
    names: [
      ...['self-hosting', 'monitoring', 'upgrading', 'security'],
      ...['backup', 'scaling', 'performance'],
    ],
  },
];

export type DocsSite = {
  /** HTML by path, such as `/docs/sending`. */
  readonly pages: ReadonlyMap<string, string>;
  /** What the search knows: one entry a section. */
  readonly searchIndex: readonly { id: string; page: string; title: string; text: string }[];
};

/** Renders every guide and the reference. */
export async function buildDocsSite(
  folder: URL,
  document: OpenAPIV3_1.Document,
): Promise<DocsSite> {
  const guides = await readGuides(folder);
  const rendered = new Map<string, Rendered>(
    [...guides].map(([name, source]) => [
      `/docs/${name}`,
      renderMarkdown(source, (target) => toHref(target, { name, guides })),
    ]),
  );
  rendered.set('/docs/reference', renderReference(document));
  const menu = menuOf(guides, rendered, document);
  return {
    pages: new Map(
      [...rendered].map(([href, { title, html }]) => [
        href,
        renderPage({ title, href, html, menu }),
      ]),
    ),
    searchIndex: [...rendered].flatMap(([href, { title: page, sections }]) =>
      sections.map(({ id, title, text }) => ({ id: `${href}#${id}`, page, title, text })),
    ),
  };
}

/** By name, such as `sending` or `providers/smtp`. Decisions are for the repository's readers. */
async function readGuides(folder: URL): Promise<Map<string, string>> {
  const files = await readdir(folder, { recursive: true });
  const names = files
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.md') && !name.startsWith('adr/'));
  const sources = await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')));
  return new Map(names.map((name, index) => [name.slice(0, -3), sources[index] ?? '']));
}

/** `failover.md#health` → `/docs/failover#health`; what is no guide is left to the repository. */
function toHref(
  target: string,
  from: { readonly name: string; readonly guides: ReadonlyMap<string, string> },
): string {
  const [file = '', fragment] = target.split('#');
  const name = posix.join(posix.dirname(from.name), file).replace(/\.md$/, '');
  const suffix = fragment === undefined ? '' : `#${fragment}`;
  return from.guides.has(name) ? `/docs/${name}${suffix}` : '/docs';
}

function menuOf(
  guides: ReadonlyMap<string, string>,
  rendered: ReadonlyMap<string, Rendered>,
  document: OpenAPIV3_1.Document,
): MenuGroup[] {
  const entryOf = (name: string) => ({
    title: rendered.get(`/docs/${name}`)?.title ?? name,
    href: `/docs/${name}`,
  });
  const listed = new Set(['api', ...GUIDES.flatMap(({ names }) => names)]);
  const others = [...guides.keys()].filter((name) => !listed.has(name)).toSorted();
  return [
    ...[...GUIDES, { title: 'More', names: others }]
      .map(({ title, names }) => ({ title, names: names.filter((name) => guides.has(name)) }))
      .filter(({ names }) => names.length > 0)
      .map(({ title, names }) => ({ title, entries: names.map(entryOf) })),
    {
      title: 'Reference',
      entries: [
        { title: 'Conventions', href: '/docs/api' },
        { title: 'API reference', href: '/docs/reference' },
        ...outlineOf(document),
      ],
    },
  ];
}
