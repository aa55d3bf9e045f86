import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PROMISES } from './product-docs.ts';

const ROOT = new URL('../../../', import.meta.url);

/** The titles of the tests in a file, as they are written there. */
function titlesIn(file: string): string[] {
  const source = readFileSync(fileURLToPath(new URL(file, ROOT)), 'utf8');
  const literal =
    /\(\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`([^`]*)`)\s*,\s*(?:async\s*)?\(/g;
  return [...source.matchAll(literal)].map(([, ...parts]) => parts.find(Boolean) ?? '');
}

describe('what the published description promises', () => {
  it.each(PROMISES)('$section: $says', ({ file, test }) => {
    expect(titlesIn(file), `${file} has no test "${test}"`).toContain(test);
  });

  it('is said once', () => {
    const said = PROMISES.map(({ section, says }) => `${section}: ${says}`);
    expect(new Set(said).size).toBe(said.length);
  });

  it('is known for every section of it', () => {
    expect(new Set(PROMISES.map(({ section }) => section)).size).toBeGreaterThanOrEqual(14);
  });
});
