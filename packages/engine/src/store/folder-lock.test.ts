import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { FolderLockedError, lockFolder } from './folder-lock.ts';

let folder: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-lock-'));
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

describe('lockFolder', () => {
  it('gives the folder to one and names it and the holder to the next', async () => {
    const lock = await lockFolder(folder);
    const error = await lockFolder(folder).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(FolderLockedError);
    expect((error as FolderLockedError).pid).toBe(process.pid);
    expect((error as FolderLockedError).message).toContain(folder);
    lock.release();
    expect(existsSync(join(folder, 'lock'))).toBe(false);
    await expectFree();
  });

  it('refuses while another process holds it and takes over when that was killed', async () => {
    const child = await holdInChild();
    await expect(lockFolder(folder)).rejects.toThrow(
      `Process ${child.pid} is using the folder ${folder}`,
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lock = await lockFolder(folder);
    expect(readLock().pid).toBe(process.pid);
    lock.release();
  });

  it.runIf(existsSync('/proc/self/stat'))(
    'takes over when the pid belongs to a later process',
    async () => {
      await leaveLock({ processStart: '1' });
      await expectFree();
    },
  );

  it('takes over a lock that holds no sense', async () => {
    writeFileSync(join(folder, 'lock'), '');
    await expectFree();
  });

  it('believes a holder in another pid name space as long as its lock is touched', async () => {
    await leaveLock({ space: 'elsewhere' });
    await expect(lockFolder(folder)).rejects.toThrow('of another machine or container');
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(join(folder, 'lock'), longAgo, longAgo);
    await expectFree();
  });

  it('lets one of several take a dead lock over', async () => {
    await leaveLock({ pid: 2 ** 30 });
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => lockFolder(folder)));
    const winners = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    winners[0]?.value.release();
  });

  it('leaves the lock of a later holder alone when it is released', async () => {
    const lock = await lockFolder(folder);
    writeFileSync(join(folder, 'lock'), '{"id":"another","pid":1}');
    lock.release();
    expect(readLock().pid).toBe(1);
  });
});

async function expectFree(): Promise<void> {
  const lock = await lockFolder(folder);
  expect(readLock().pid).toBe(process.pid);
  lock.release();
}

async function leaveLock(changes: Record<string, unknown>): Promise<void> {
  const lock = await lockFolder(folder);
  const content = readFileSync(join(folder, 'lock'), 'utf8');
  lock.release();
  writeFileSync(
    join(folder, 'lock'),
    JSON.stringify({ ...(JSON.parse(content) as object), ...changes }),
  );
}

function readLock(): { pid: number } {
  return JSON.parse(readFileSync(join(folder, 'lock'), 'utf8')) as { pid: number };
}

async function holdInChild(): Promise<ChildProcess> {
  const program = `
    const { lockFolder } = await import(${JSON.stringify(new URL('./folder-lock.ts', import.meta.url).href)});
    await lockFolder(${JSON.stringify(folder)});
    process.stdout.write('held');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}
