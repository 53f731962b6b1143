// Writes openapi.json from the schemas that validate; with --check it only says whether the file is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { openApiDocument } from '../packages/engine/src/contract.ts';

const file = join(import.meta.dirname, '..', 'openapi.json');
const document = `${JSON.stringify(openApiDocument({ basePath: '/hw' }), null, 2)}\n`;

if (!process.argv.includes('--check')) {
  writeFileSync(file, document);
} else if (readOrNothing(file) !== document) {
  console.error('openapi.json is out of date: run `node scripts/generate-openapi.ts`.');
  process.exitCode = 1;
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
