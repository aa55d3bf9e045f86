import { writeFile } from 'node:fs/promises';
import { generateMatrix, MATRIX_FILE } from './provider-matrix.ts';

await writeFile(MATRIX_FILE, await generateMatrix());
