/** `headwater attribution` and `headwater explain conversion`, on what the demo of the guide has recorded. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { runCommand } from './server-process.ts';

const root = join(import.meta.dirname, '..', '..');
const march = ['--from', '2026-03-01', '--to', '2026-03-31'];
let folder: string;
let variables: Readonly<Record<string, string>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-attribution-'));
  variables = { HEADWATER_DATA: join(folder, 'data') };
  const demo = join(root, 'examples', 'click-to-credit', 'demo.ts');
  const args = ['--conditions=headwater-source', demo, join(folder, 'data')];
  await promisify(execFile)(process.execPath, args, { cwd: folder });
}, 60_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('headwater attribution', () => {
  it('reports, as a table, as JSON and as CSV', async () => {
    const report = ['attribution', 'report', ...march, '--models', 'first_touch,linear'];
    const { stdout } = await runCommand(report, variables);
    expect(stdout).toMatch(/^Paid Search +1 +80\.00 USD +0\.33 +26\.67 USD +0\.33 to 1$/m);
    expect(stdout).toMatch(/^in all: 2 130\.00 USD$/m);
    const json = await runCommand([...report, '--json'], variables);
    expect(JSON.parse(json.stdout)).toMatchObject({ totals: { conversions: 2 }, row_count: 4 });
    const csv = await runCommand(
      [...report, '--format', 'csv', '--filter', 'channel!=Direct'],
      variables,
    );
    expect(csv.stdout).toContain('filtered,,,0,0,0.833333333,5166\r\n');
  }, 60_000);

  it('prints paths, rows of credit, and a person with the credit of each touch', async () => {
    const paths = await runCommand(['attribution', 'paths', ...march], variables);
    expect(paths.stdout).toMatch(/^Paid Search > Email > Direct +1 +80\.00 USD +7\.0$/m);
    const credits = await runCommand(['attribution', 'credits', ...march], variables);
    const [first] = credits.stdout.trim().split('\n');
    const { conversion_id: id, person_id: person } = JSON.parse(first!) as Record<string, string>;
    const visitor = await runCommand(['attribution', 'visitor', person!], variables);
    expect(visitor.stdout).toContain(`sale ${id}`);
    const explained = await runCommand(['explain', 'conversion', id!, '--models', 'last_paid'], {
      ...variables,
    });
    expect(explained.stdout).toMatch(/^last_paid: touch 1$/m);
    expect(explained.stdout).toContain('external_id ann');
    const json = await runCommand(['explain', 'conversion', id!, '--json'], variables);
    expect(JSON.parse(json.stdout)).toMatchObject({ counts: true, conversion: { id } });
  }, 60_000);

  it('writes every path as CSV and as lines', async () => {
    const paths = ['attribution', 'paths', ...march];
    const csv = await runCommand([...paths, '--format', 'csv'], variables);
    expect(csv.stdout.split('\r\n').slice(0, 2)).toEqual([
      'path,touches,conversions,USD,average_days',
      'Paid Search > Email > Direct,3,1,8000,7',
    ]);
    const { stdout } = await runCommand([...paths, '--format', 'ndjson'], variables);
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      steps: [{ value: 'Paid Search' }, { value: 'Email' }, { value: 'Direct' }],
      conversions: 1,
    });
  }, 60_000);

  it('runs models on paths of one’s own', async () => {
    const file = join(folder, 'paths.ndjson');
    writeFileSync(
      file,
      [
        { channels: ['google'], conversions: 2, nulls: 1 },
        { channels: ['mailing'], conversions: 1 },
        { channels: ['google', 'mailing'], conversions: 1 },
      ]
        .map((path) => JSON.stringify(path))
        .join('\n'),
    );
    const { stdout } = await runCommand(['attribution', 'model', 'markov', file, '--json'], {});
    expect(JSON.parse(stdout)).toMatchObject([
      { channel: 'google', conversions: 2.4, removalEffect: 0.75 },
      { channel: 'mailing', conversions: 1.6, removalEffect: 0.5 },
    ]);
    writeFileSync(file, '{"channels":"google"}');
    expect(await runCommand(['attribution', 'model', 'markov', file], {})).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('line 1: channels must be a list of texts'),
    });
  });

  it('ends with 2 for what cannot be asked', async () => {
    const report = ['attribution', 'report'];
    for (const wrong of [
      ['--dimension', 'shoe'],
      ['--models', 'best'],
      ['--filter', 'channel'],
      ['--from', 'soon'],
      ['--click-lookback', 'long'],
    ])
      expect(await runCommand([...report, ...wrong], variables)).toMatchObject({ code: 2 });
  }, 60_000);
});
