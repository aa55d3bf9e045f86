import MiniSearch from './minisearch.js';

const input = document.querySelector('#search');
const results = document.querySelector('#results');
const contents = document.querySelector('nav details');

// Open on a wide screen, shut on a phone.
contents.open = matchMedia('(min-width: 761px)').matches;

let loading = null;

function load() {
  loading ??= fetch('/docs/search-index.json')
    .then((response) => response.json())
    .then((sections) => {
      const index = new MiniSearch({
        fields: ['title', 'page', 'text'],
        storeFields: ['title', 'page'],
        searchOptions: { boost: { title: 3, page: 2 }, prefix: true, fuzzy: 0.15 },
      });
      index.addAll(sections.map((section, key) => ({ ...section, href: section.id, id: key })));
      return { index, sections };
    });
  return loading;
}

function show(found) {
  results.replaceChildren(
    ...found.map(({ title, page, href }) => {
      const item = document.createElement('li');
      const link = document.createElement('a');
      const from = document.createElement('small');
      link.href = href;
      link.textContent = title;
      from.textContent = page;
      link.append(from);
      item.append(link);
      return item;
    }),
  );
  results.hidden = input.value.trim() === '';
  if (found.length === 0 && !results.hidden) {
    const item = document.createElement('li');
    item.textContent = 'Nothing found';
    results.append(item);
  }
}

async function search() {
  const { index, sections } = await load();
  const found = index.search(input.value).slice(0, 12);
  show(found.map(({ id, title, page }) => ({ title, page, href: sections[id].id })));
}

input.addEventListener('focus', load);
input.addEventListener('input', search);

document.addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof HTMLInputElement;
  if (event.key === '/' && !isTyping) {
    event.preventDefault();
    input.focus();
  }
  if (event.key === 'Escape') {
    input.value = '';
    show([]);
    input.blur();
  }
  if (event.key === 'ArrowDown' && !results.hidden) {
    const links = [...results.querySelectorAll('a')];
    links[(links.indexOf(document.activeElement) + 1) % links.length]?.focus();
    event.preventDefault();
  }
});
