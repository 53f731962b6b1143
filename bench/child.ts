import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import type { Load, LoadResult } from './load.ts';

/** However the benchmark ends, the servers end with it. */
const endWithStarter = join(import.meta.dirname, '../test/support/end-with-starter.ts');

export interface Child extends AsyncDisposable {
  readonly pid: number;
}

/** Starts one of the programs beside this file, hands it its settings and waits for its first word. */
export async function startProgram(
  file: string,
  settings: object,
): Promise<Child & { readonly answer: unknown }> {
  const child = fork(join(import.meta.dirname, file), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.send(settings);
  const [answer] = await firstOf(child, file, once(child, 'message', answerInTime()));
  return { pid: child.pid ?? 0, answer, [Symbol.asyncDispose]: () => end(child) };
}

/** Starts a command and waits for the line of its standard output that is JSON. */
export async function startCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Child & { readonly line: Record<string, unknown> }> {
  const child = spawn(process.execPath, ['--import', endWithStarter, ...args], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  const lines = createInterface({ input: child.stdout! });
  const [line] = (await firstOf(child, args.join(' '), once(lines, 'line', answerInTime()))) as [
    string,
  ];
  return {
    pid: child.pid ?? 0,
    line: JSON.parse(line) as Record<string, unknown>,
    [Symbol.asyncDispose]: () => end(child),
  };
}

export async function runLoad(load: Load): Promise<LoadResult> {
  const { answer, ...child } = await startProgram('load.ts', load);
  await child[Symbol.asyncDispose]();
  return answer as LoadResult;
}

/** Longer than any load; what is silent for so long has stopped working. */
function answerInTime(): { readonly signal: AbortSignal } {
  return { signal: AbortSignal.timeout(300_000) };
}

async function firstOf<T>(child: ChildProcess, name: string, awaited: Promise<T>): Promise<T> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${name} ended with ${String(code)} before it answered`);
  });
  return Promise.race([awaited, ended]);
}

/** A polite end first: it shows whether one works under load. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  if (child.connected) child.disconnect();
  else child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  await exit;
  clearTimeout(timer);
}
