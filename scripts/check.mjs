// `npm run check`: everything about the code that a tool can judge, short of the tests.
import * as fs from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

import { browserScripts, ensureBuilt } from './build.mjs';
import {
  CommandFailure,
  ensureInstalled,
  nodeBinary,
  root,
  runCommand,
  runTool,
  say,
  tool,
} from './project.mjs';

/** As brotli: what a page that wants nothing special loads, and each add-on. */
const browserScriptBytesMax = {
  script: 4096,
  'interactions-script': 1024,
  'fingerprint-script': 1024,
  'referral-script': 1024,
  'good-analytics-script': 5120,
};

/** As brotli, as the server sends it: everything that the overview loads before its numbers are there. */
const firstLoadBytesMax = 300_000;

const steps = [
  ['node is 24', nodeIs24],
  ['format', () => expectSuccess(tool('oxfmt'), ['--check'], 'npm run format')],
  ['lint', () => expectSuccess(tool('oxlint'), ['--type-aware', '--deny-warnings'])],
  ['types', () => expectSuccess(tool('tsc'), ['-b'])],
  ['types of the dashboard', () => expectSuccess(tool('tsc'), ['-p', 'packages/dashboard'])],
  ['unused code', () => expectSuccess(tool('knip'), [])],
  ['unused code in what is published', () => expectSuccess(tool('knip'), ['--production'])],
  ['generated files', generatedFilesAreCurrent],
  ['build', ensureBuilt],
  ['packages', packagesAreSound],
  ['size of the browser scripts', browserScriptsAreSmall],
  ['size of the dashboard', dashboardIsSmall],
];

await runCommand(() => {
  ensureInstalled();
  for (const [name, run] of steps) {
    const start = performance.now();
    try {
      const remark = run();
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      say(`✓ ${name} (${seconds} s)${typeof remark === 'string' ? ` ${remark}` : ''}`);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      throw new CommandFailure(`${error.message}\n✗ ${name}`);
    }
  }
});

function expectSuccess(command, args, remedy) {
  const { exitCode, output } = runTool(command, args);
  if (exitCode === 0) return;
  throw new CommandFailure(output.trimEnd() + (remedy ? `\n${remedy} puts this right` : ''));
}

function nodeIs24() {
  const { output } = runTool('node', ['--version']);
  if (!output.startsWith('v24.')) throw new CommandFailure(`scripts run on ${output.trim()}`);
}

function generatedFilesAreCurrent() {
  const generators = fs
    .readdirSync(join(root, 'scripts'))
    .filter((file) => /^generate-.*\.ts$/.test(file));
  for (const file of generators) {
    const script = `scripts/${file}`;
    expectSuccess(
      nodeBinary,
      ['--conditions=headwater-source', script, '--check'],
      `node --conditions=headwater-source ${script}`,
    );
  }
  return generators.length === 0 ? 'none yet' : '';
}

function packagesAreSound() {
  for (const folder of fs.readdirSync(join(root, 'packages'))) {
    expectSuccess(tool('publint'), ['--strict', join('packages', folder)]);
  }
}

function browserScriptsAreSmall() {
  const remarks = [];
  for (const [name, file] of Object.entries(browserScripts)) {
    const bytes = brotliCompressSync(fs.readFileSync(file)).length;
    const bytesMax = browserScriptBytesMax[name];
    if (bytes > bytesMax)
      throw new CommandFailure(`${name}: ${bytes} bytes as brotli, and at most ${bytesMax}`);
    remarks.push(`${bytes} of ${bytesMax}`);
  }
  return `${remarks.join(', ')} bytes`;
}

/** The entry, the first view, and all that they import; what its chart loads behind them is told beside it. */
function dashboardIsSmall() {
  const dist = join(root, 'packages/dashboard/dist');
  const manifest = JSON.parse(fs.readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));
  const first = filesOf(manifest, ['index.html', 'src/overview/overview-view.tsx']);
  const chart = filesOf(manifest, ['src/overview/metric-chart.tsx']).difference(first);
  const [bytes, chartBytes] = [first, chart].map((files) => compressedBytes(dist, files));
  if (bytes > firstLoadBytesMax)
    throw new CommandFailure(`the first load: ${bytes} bytes, and at most ${firstLoadBytesMax}`);
  return `${bytes} of ${firstLoadBytesMax} bytes, and ${chartBytes} of the chart after them`;
}

function filesOf(manifest, names) {
  const files = new Set();
  const seen = new Set();
  const take = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    const chunk = manifest[name];
    for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file);
    for (const imported of chunk.imports ?? []) take(imported);
  };
  for (const name of names) take(name);
  return files;
}

/** As the server sends them: large files are compressed less hard. */
function compressedBytes(dist, files) {
  let bytes = 0;
  for (const file of files) {
    const contents = fs.readFileSync(join(dist, file));
    const quality = contents.length < 100_000 ? 11 : 5;
    bytes += brotliCompressSync(contents, {
      params: { [constants.BROTLI_PARAM_QUALITY]: quality },
    }).length;
  }
  return bytes;
}
