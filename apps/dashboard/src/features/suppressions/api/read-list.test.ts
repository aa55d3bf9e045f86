import { describe, expect, it } from 'vitest';
import { countEntries, formatOf } from './read-list.ts';

describe('formatOf', () => {
  it.each([
    ['list.csv', '[', 'csv'],
    ['list.jsonl', 'a@b.c', 'ndjson'],
    ['list.json', '[{"email":"a@example.com"}]', 'json'],
    ['list.json', '{"email":"a@example.com"}\n{}', 'ndjson'],
    [null, ' {"suppressions": []}', 'json'],
    [null, '{"email":"a@example.com"}', 'ndjson'],
    [null, 'a@example.com', 'csv'],
    [null, '', 'csv'],
  ] as const)('of %s beginning %s is %s', (name, start, format) => {
    expect(formatOf(name, start)).toBe(format);
  });
});

describe('countEntries', () => {
  it.each([
    ['csv', 'email\na@example.com\n', 2],
    ['csv', 'email\na@example.com', 2],
    ['csv', '', 0],
    ['json', '["a@example.com","b@example.com"]', 2],
    ['json', '{"suppressions":[{}]}', 1],
    ['json', 'broken', null],
    ['json', 'null', null],
  ] as const)('of %s %j is %s', async (format, text, count) => {
    expect(await countEntries(new Blob([text]), format)).toBe(count);
  });
});
