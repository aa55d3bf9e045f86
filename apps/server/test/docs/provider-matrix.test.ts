import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { generateMatrix, MATRIX_FILE } from '../../../../scripts/provider-matrix.ts';

describe('docs/provider-matrix.md', () => {
  it('says what the adapters declare; `npm run docs` brings it up to date', async () => {
    expect(await readFile(MATRIX_FILE, 'utf8')).toBe(await generateMatrix());
  });

  it('has a column for every adapter', async () => {
    const page = await generateMatrix();
    const header = page.split('\n').find((line) => line.startsWith('| '));
    expect(header).toContain('`sendgrid`');
    expect(header).toContain('`smtp`');
    expect(page).toMatch(/^\| Message, encoded +\| 30 MB/m);
  });
});
