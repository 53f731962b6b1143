// What every command of this repository shares: where things are, which Node runs them, and how a
// fresh or changed checkout gets its dependencies. Runs on Node 20 before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const modules = join(root, 'node_modules');
export const cache = join(modules, '.cache', 'headwater');
export const nodeBinary = join(
  modules,
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

const bin = join(modules, '.bin');
const installStamp = join(cache, 'install.sha256');
const lockFile = join(root, '.bootstrap.lock');

/** Ends the command with this message; for what the person at the terminal can put right. */
export class CommandFailure extends Error {
  name = 'CommandFailure';

  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Runs a command's main function and turns its failure into one line and an exit code. */
export async function runCommand(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}

export function say(message) {
  process.stderr.write(`${message}\n`);
}

/** Installs the dependencies unless node_modules already is what package-lock.json describes. */
export function ensureInstalled() {
  if (isInstalled()) return;
  withLock(() => {
    if (isInstalled()) return;
    if (!installedByHand()) install();
    fs.mkdirSync(cache, { recursive: true });
    fs.writeFileSync(installStamp, lockHash());
  });
}

/** Runs `work` while no other process of this checkout installs or builds. */
export function withLock(work) {
  let told = false;
  while (!takeLock()) {
    if (!told) say('waiting for another install or build of this checkout (.bootstrap.lock) …');
    told = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
  try {
    return work();
  } finally {
    fs.rmSync(lockFile, { force: true });
  }
}

/** Starts the project's own Node with this terminal, passes signals on and answers the exit code. */
export function runNode(args) {
  const child = spawn(nodeBinary, args, { cwd: root, stdio: 'inherit', env: projectEnvironment() });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) {
    process.on(signal, () => {
      // A terminal sends Ctrl+C to the child as well, and a second one would mean "at once".
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve(signal === null ? code : 128 + constants.signals[signal]);
    });
  });
}

/** Runs a tool of node_modules to its end; answers its exit code and what it printed. */
export function runTool(command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: projectEnvironment(),
    maxBuffer: 1 << 28,
  });
  if (error) throw error;
  return { exitCode: status ?? 1, output: `${stdout}${stderr}` };
}

/** The path of a tool that npm linked into node_modules/.bin. */
export function tool(name) {
  return join(bin, name);
}

/** A digest of the contents of these files, in their order. */
export function hashFiles(files) {
  const hash = createHash('sha256').update(process.platform).update(process.arch);
  for (const file of files) {
    hash.update(`\0${relative(root, file)}\0`).update(fs.readFileSync(file));
  }
  return hash.digest('hex');
}

export function readIfThere(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isInstalled() {
  return fs.existsSync(nodeBinary) && readIfThere(installStamp) === lockHash();
}

function lockHash() {
  return hashFiles([join(root, 'package-lock.json')]);
}

/** Whether npm itself left exactly the locked packages, as it does after `npm install <package>`. */
function installedByHand() {
  const hidden = readIfThere(join(modules, '.package-lock.json'));
  if (hidden === undefined || !fs.existsSync(nodeBinary)) return false;
  const installed = JSON.parse(hidden).packages;
  const locked = JSON.parse(fs.readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const same = (a, b) => a?.version === b?.version && a?.integrity === b?.integrity;
  return (
    Object.keys(installed).every((path) => same(installed[path], locked[path])) &&
    Object.keys(locked).every(
      (path) =>
        path === '' || path in installed || locked[path].optional || locked[path].devOptional,
    )
  );
}

function install() {
  say('installing dependencies …');
  // npm runs on the Node it came with: the one in node_modules is about to be replaced.
  const outside = process.env.PATH.split(delimiter).filter((entry) => !entry.startsWith(bin));
  const { status, error } = spawnSync(
    'npm',
    ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: root,
      stdio: ['ignore', 2, 2],
      env: { ...process.env, PATH: outside.join(delimiter) },
      shell: process.platform === 'win32',
    },
  );
  if (error) throw new CommandFailure(`npm could not be started: ${error.message}`);
  if (status !== 0) throw new CommandFailure('installing the dependencies failed (npm ci, above)');
  if (!fs.existsSync(nodeBinary)) {
    throw new CommandFailure(
      'the package "node" did not bring its binary: were install scripts switched off?',
    );
  }
}

function projectEnvironment() {
  const path = process.env.PATH ?? '';
  return path.startsWith(bin + sep) || path.split(delimiter)[0] === bin
    ? process.env
    : { ...process.env, PATH: `${bin}${delimiter}${path}` };
}

function takeLock() {
  try {
    fs.writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const holder = Number(readIfThere(lockFile));
  if (holder > 0 && !isAlive(holder)) fs.rmSync(lockFile, { force: true });
  return false;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
