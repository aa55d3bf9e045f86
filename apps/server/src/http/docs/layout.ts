import { escapeHtml } from './markdown.ts';

export type MenuEntry = { readonly title: string; readonly href: string };
export type MenuGroup = { readonly title: string; readonly entries: readonly MenuEntry[] };

export type PageInput = {
  readonly title: string;
  readonly href: string;
  readonly html: string;
  readonly menu: readonly MenuGroup[];
};

/** A whole page. Nothing in it comes from elsewhere, and no script stands in it. */
export function renderPage({ title, href, html, menu }: PageInput): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · CourierX</title>
<link rel="stylesheet" href="/docs/assets/docs.css">
<script type="module" src="/docs/assets/docs.js"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<a class="brand" href="/docs">CourierX</a>
<div class="search" role="search">
<label for="search">Search the docs</label>
<input id="search" type="search" placeholder="Search (press /)" autocomplete="off">
<ul id="results" hidden></ul>
</div>
</header>
<div class="columns">
<nav aria-label="Guides"><details open><summary>Contents</summary>
${menu.map((group) => renderGroup(group, href)).join('\n')}
</details></nav>
<main id="content" tabindex="-1">
${html}
</main>
</div>
</body>
</html>
`;
}

function renderGroup({ title, entries }: MenuGroup, current: string): string {
  const links = entries.map((entry) => {
    const here = entry.href === current ? ' aria-current="page"' : '';
    return `<li><a href="${entry.href}"${here}>${escapeHtml(entry.title)}</a></li>`;
  });
  return `<h2>${escapeHtml(title)}</h2><ul>${links.join('')}</ul>`;
}
