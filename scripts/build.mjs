// Builds every package into its dist folder, and only when a source has changed. Types are not
// checked here (`npm run check` does that), so that a start is quick.
import * as fs from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import {
  CommandFailure,
  cache,
  ensureInstalled,
  hashFiles,
  readIfThere,
  root,
  runCommand,
  runTool,
  say,
  tool,
  withLock,
} from './project.mjs';

const packages = ['engine', 'browser', 'client', 'server'];
/** The one part of the client that knows Node, so that the compiler keeps the rest to web standards. */
const clientForNode = 'packages/client/tsconfig.node.json';
const stampFile = join(cache, 'build.json');
const cli = join(root, 'packages/server/dist/cli.js');
/** The page of the dashboard; what it loads lies beside it. */
const dashboardPage = join(root, 'packages/dashboard/dist/index.html');
/** The server in a few files, for this checkout only: opening 600 takes longer than all of the rest. */
export const serverBundle = join(root, 'packages/server/dist/bundle/cli.js');
/** What a tag in a page loads, by the source that it is made from: the client, and its add-ons. */
export const browserScripts = {
  script: join(root, 'packages/browser/dist/headwater.js'),
  'interactions-script': join(root, 'packages/browser/dist/headwater-interactions.js'),
  'fingerprint-script': join(root, 'packages/browser/dist/headwater-fingerprint.js'),
  'referral-script': join(root, 'packages/browser/dist/headwater-referral.js'),
  'good-analytics-script': join(root, 'packages/browser/dist/good-analytics.js'),
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runCommand(() => {
    ensureInstalled();
    ensureBuilt();
  });
}

/** Builds unless the outputs belong to the sources as they are now. */
export function ensureBuilt() {
  if (isBuilt(currentSources()) && isDashboardBuilt()) return;
  withLock(() => {
    const start = performance.now();
    const sources = currentSources();
    if (!isBuilt(sources)) {
      removeOrphans(sources);
      compile();
      for (const [source, file] of Object.entries(browserScripts))
        bundleBrowserScript(source, file);
      bundleServer();
      writeStamp({ hash: hashFiles(sources), sources });
    }
    // By itself, because a change of the engine is no reason to make it again.
    if (!isDashboardBuilt()) {
      run('vite', ['build', 'packages/dashboard', '--logLevel', 'warn']);
      writeStamp({ dashboardHash: hashFiles(dashboardSources()) });
    }
    say(`built in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  });
}

function writeStamp(facts) {
  fs.mkdirSync(cache, { recursive: true });
  fs.writeFileSync(stampFile, JSON.stringify({ ...readStamp(), ...facts }));
}

function isDashboardBuilt() {
  return (
    fs.existsSync(dashboardPage) && readStamp()?.dashboardHash === hashFiles(dashboardSources())
  );
}

/** The dashboard, and the part of the client that goes into it. */
function dashboardSources() {
  const own = ['package.json', 'tsconfig.json', 'vite.config.ts', 'index.html'];
  return [
    join(root, 'package-lock.json'),
    ...own.map((file) => join(root, 'packages/dashboard', file)),
    ...filesIn('packages/dashboard/src'),
    ...filesIn('packages/dashboard/public'),
    ...filesIn('packages/client/src'),
  ].sort();
}

function isBuilt(sources) {
  const stamp = readStamp();
  const outputs = [cli, serverBundle, ...Object.values(browserScripts)];
  return stamp?.hash === hashFiles(sources) && outputs.every((file) => fs.existsSync(file));
}

function readStamp() {
  const text = readIfThere(stampFile);
  return text === undefined ? undefined : JSON.parse(text);
}

function currentSources() {
  const files = [
    'package-lock.json',
    'tsconfig.base.json',
    'scripts/build.mjs',
    clientForNode,
    ...packages.flatMap((name) => [
      `packages/${name}/package.json`,
      `packages/${name}/tsconfig.json`,
    ]),
  ].map((file) => join(root, file));
  for (const name of packages) files.push(...filesIn(`packages/${name}/src`));
  return files.sort();
}

function filesIn(folder) {
  const entries = fs.readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  return (
    entries
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
      // Node 20 before 20.12 names the folder of an entry `path`.
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  );
}

/** A source that is gone must not live on as its output: that package starts from an empty dist. */
function removeOrphans(sources) {
  const before = readStamp()?.sources;
  for (const name of packages) {
    const folder = join(root, 'packages', name);
    const gone = before?.some((file) => file.startsWith(folder) && !sources.includes(file));
    if (before === undefined || gone)
      fs.rmSync(join(folder, 'dist'), { recursive: true, force: true });
  }
}

function compile() {
  const projects = [...packages.map((name) => `packages/${name}`), clientForNode];
  run('tsc', ['-b', '--noCheck', ...projects]);
}

function bundleBrowserScript(source, file) {
  run('esbuild', [
    `packages/browser/src/${source}.ts`,
    `--outfile=${file}`,
    '--bundle',
    '--minify',
    '--format=iife',
    '--target=es2020',
    '--conditions=headwater-source',
    '--legal-comments=none',
    '--log-level=warning',
  ]);
}

function bundleServer() {
  const folder = join(serverBundle, '..');
  fs.rmSync(folder, { recursive: true, force: true });
  // Modules of CommonJS ask for `require`. PGlite finds its WebAssembly beside itself.
  const require = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;
  run('esbuild', [
    'packages/server/src/cli.ts',
    `--outdir=${folder}`,
    '--bundle',
    '--splitting',
    '--platform=node',
    '--format=esm',
    '--target=node22',
    '--conditions=headwater-source',
    '--external:@electric-sql/pglite',
    '--external:@electric-sql/pglite/*',
    '--external:pg-native',
    `--banner:js=${require}`,
    '--sourcemap=linked',
    '--sources-content=false',
    '--log-level=warning',
  ]);
}

function run(name, args) {
  const { exitCode, output } = runTool(tool(name), args);
  if (exitCode !== 0)
    throw new CommandFailure(`${output}\nthe build failed: ${name} ${args.join(' ')}`);
  if (output.trim() !== '') say(output.trim());
}
