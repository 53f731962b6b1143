import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** The file and the sentence of each row: `file`: sentence. */
function readTests(): Array<{ file: string; sentence: string }> {
  const text = readFileSync(join(root, 'docs/security.md'), 'utf8');
  return [...text.matchAll(/\| `([^`]+\.test\.ts)`(?::([^|]*))? \|/g)].map(
    ([, file = '', sentence = '']) => ({ file, sentence: sentence.trim() }),
  );
}

describe('docs/security.md', () => {
  it('names tests that are there', () => {
    const tests = readTests();
    expect(tests.length).toBeGreaterThan(30);
    const missing = tests.filter(({ file, sentence }) => {
      const path = join(root, file);
      return !existsSync(path) || !readFileSync(path, 'utf8').includes(sentence);
    });
    expect(missing).toEqual([]);
  });
});
