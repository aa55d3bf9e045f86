import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import python from 'highlight.js/lib/languages/python';
import yaml from 'highlight.js/lib/languages/yaml';
import MarkdownIt from 'markdown-it';
import anchor from 'markdown-it-anchor';

hljs.registerLanguage('sh', bash);
hljs.registerLanguage('js', javascript);
hljs.registerLanguage('ts', javascript);
hljs.registerLanguage('json', json);
hljs.registerLanguage('python', python);
hljs.registerLanguage('yaml', yaml);

/** A part of a page that a search can find: from a heading to the next. */
export type Section = { readonly id: string; readonly title: string; readonly text: string };

export type Rendered = {
  readonly title: string;
  readonly html: string;
  readonly sections: readonly Section[];
};

const markdown = new MarkdownIt({
  linkify: false,
  highlight: (code, language) =>
    hljs.getLanguage(language) ? hljs.highlight(code, { language }).value : '',
}).use(anchor, { permalink: anchor.permalink.headerLink(), slugify });

// A block of code may be wider than the page, and is then moved by the keyboard too.
const fence = markdown.renderer.rules['fence'];
markdown.renderer.rules['fence'] = (...args) => (fence?.(...args) ?? '').replace('<pre>', PRE);
const PRE = '<pre tabindex="0">';

/** Renders a guide. HTML in it is shown, not obeyed. `toHref` says where a relative link leads. */
export function renderMarkdown(source: string, toHref: (target: string) => string): Rendered {
  const tokens = markdown.parse(source, {});
  const sections: { id: string; title: string; text: string }[] = [];
  let isHeading = false;
  for (const token of tokens) {
    for (const child of token.children ?? []) {
      const href = child.type === 'link_open' ? String(child.attrGet('href') ?? '') : '';
      if (href !== '' && !/^[a-z]+:|^[#/]/.test(href)) child.attrSet('href', toHref(href));
    }
    if (token.type === 'heading_open') {
      isHeading = true;
      sections.push({ id: String(token.attrGet('id') ?? ''), title: '', text: '' });
      continue;
    }
    const section = sections.at(-1);
    if (!section || token.content === '') continue;
    if (isHeading) section.title = plain(token.content);
    else section.text += `${plain(token.content)} `;
    isHeading = false;
  }
  return {
    title: sections[0]?.title ?? '',
    html: markdown.renderer.render(tokens, markdown.options, {}),
    sections,
  };
}

export function escapeHtml(text: string): string {
  return markdown.utils.escapeHtml(text);
}

/** A line or two of markdown within a line of HTML. */
export function renderInline(text: string): string {
  return markdown.renderInline(text);
}

export function highlightJson(value: unknown): string {
  const code = JSON.stringify(value, null, 2);
  return `${PRE}<code>${hljs.highlight(code, { language: 'json' }).value}</code></pre>`;
}

function slugify(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '');
}

function plain(text: string): string {
  return text.replaceAll(/[`*|]/g, '').replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
}
