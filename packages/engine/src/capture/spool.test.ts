import { fork } from 'node:child_process';
import {
  appendFile,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { IncomingEvent } from '../ingest/event.ts';
import { HeadwaterError, UnavailableError } from '../kernel/errors.ts';
import { openSpool } from './spool.ts';
import type { SpoolEntry } from './spool-file.ts';

const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

const away = new UnavailableError('away', { retryAfterSeconds: 1 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headwater-spool-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function entry(name: string): SpoolEntry {
  const event: IncomingEvent = {
    workspaceId: 'w',
    id: name,
    key: name,
    digest: '0000000000000000',
    type: 'link_click',
    occurredAt: 0,
    origin: 'redirect',
    identifiers: [],
    createsVisitor: true,
    url: 'https://mybrand.link/größe\n',
  };
  return { event };
}

const files = async (): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith('clicks.')).sort();

/** Settles entries and remembers them. */
function collector(): { settled: string[]; replay: (given: SpoolEntry) => Promise<void> } {
  const settled: string[] = [];
  return { settled, replay: ({ event }) => Promise.resolve(void settled.push(event.id)) };
}

describe('openSpool', () => {
  it('has an entry on the disk when append resolves', async () => {
    const spool = await openSpool({ folder, logger });
    await spool.append(entry('one'));
    const [file] = await files();
    expect(JSON.parse(await readFile(join(folder, file!), 'utf8'))).toEqual(entry('one'));
    expect(spool.stats).toEqual({ waiting: 1, spooled: 1, drained: 0, rejected: 0 });
    await spool.close();
  });

  it('drains in order and leaves no file', async () => {
    const spool = await openSpool({ folder, logger, linesMax: 10 });
    const names = Array.from({ length: 95 }, (_, index) => `e${index}`);
    for (const name of names) await spool.append(entry(name));
    expect(await files()).toHaveLength(10);
    const { settled, replay } = collector();
    expect(await spool.drain(replay)).toBe(95);
    expect(settled).toEqual(names);
    expect(await files()).toEqual([]);
    expect(spool.stats).toEqual({ waiting: 0, spooled: 95, drained: 95, rejected: 0 });
    await spool.close();
  });

  it('syncs entries that come together at once', async () => {
    const spool = await openSpool({ folder, logger });
    const start = performance.now();
    await Promise.all(
      Array.from({ length: 5_000 }, (_, index) => spool.append(entry(`e${index}`))),
    );
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(spool.stats.waiting).toBe(5_000);
    await spool.close();
  });

  it('keeps a file until everything in it is settled', async () => {
    const spool = await openSpool({ folder, logger });
    for (const name of ['a', 'b', 'c']) await spool.append(entry(name));
    await expect(
      spool.drain(({ event }) => (event.id === 'b' ? Promise.reject(away) : Promise.resolve())),
    ).rejects.toThrow('away');
    expect(spool.stats.waiting).toBe(3);
    const { settled, replay } = collector();
    await spool.drain(replay);
    expect(settled).toEqual(['a', 'b', 'c']);
    await spool.close();
  });

  it('asks with one entry whether the database is back', async () => {
    const spool = await openSpool({ folder, logger });
    await Promise.all(Array.from({ length: 100 }, (_, index) => spool.append(entry(`e${index}`))));
    let asked = 0;
    await expect(
      spool.drain(() => {
        asked += 1;
        return Promise.reject(away);
      }),
    ).rejects.toThrow('away');
    expect(asked).toBe(1);
    await spool.close();
  });

  it('puts aside what can never be settled, counts it, logs it once and goes on', async () => {
    const logged: unknown[] = [];
    const error = (...line: unknown[]): void => void logged.push(line);
    const spool = await openSpool({ folder, logger: { ...logger, error } });
    for (const name of ['a', 'b1', 'c', 'b2', 'd']) await spool.append(entry(name));
    const { settled, replay } = collector();
    const picky = (given: SpoolEntry): Promise<void> =>
      given.event.id.startsWith('b')
        ? Promise.reject(new HeadwaterError('partition_missing', 'No partition holds 2026-11.'))
        : replay(given);
    expect(await spool.drain(picky)).toBe(3);
    expect(settled.sort()).toEqual(['a', 'c', 'd']);
    expect(spool.stats).toEqual({ waiting: 0, spooled: 5, drained: 3, rejected: 2 });
    expect(await files()).toEqual([]);
    const refused = {
      name: 'HeadwaterError',
      code: 'partition_missing',
      message: 'No partition holds 2026-11.',
    };
    expect(logged).toEqual([
      [expect.any(String), { clicks: 2, file: 'rejected.ndjson', first: refused }],
    ]);
    const lines = (await readFile(join(folder, 'rejected.ndjson'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { ...entry('b1'), refused },
      { ...entry('b2'), refused },
    ]);
    await spool.close();
  });

  it('sends what was put aside again under the name of a spool file', async () => {
    const spool = await openSpool({ folder, logger });
    await spool.append(entry('one'));
    await spool.drain(() => Promise.reject(new Error('no')));
    const path = join(folder, 'clicks.again.ndjson');
    await rename(join(folder, 'rejected.ndjson'), path);
    const old = new Date(Date.now() - 600_000);
    await utimes(path, old, old);
    const { settled, replay } = collector();
    await spool.drain(replay);
    expect(settled).toEqual(['one']);
    expect(await readdir(folder)).toEqual([]);
    await spool.close();
  });

  it('asks for a refused entry once, however often an outage interrupts its file', async () => {
    const spool = await openSpool({ folder, logger });
    for (const name of ['bad', 'good', 'late']) await spool.append(entry(name));
    let asked = 0;
    const { settled, replay } = collector();
    const answer =
      (isAway: boolean) =>
      (given: SpoolEntry): Promise<void> => {
        if (given.event.id === 'late' && isAway) return Promise.reject(away);
        if (given.event.id !== 'bad') return replay(given);
        asked += 1;
        return Promise.reject(new Error('refused'));
      };
    for (let round = 0; round < 3; round += 1)
      await expect(spool.drain(answer(true))).rejects.toThrow('away');
    expect(spool.stats).toMatchObject({ waiting: 3, rejected: 0 });
    await spool.drain(answer(false));
    expect(asked).toBe(1);
    expect(new Set(settled)).toEqual(new Set(['good', 'late']));
    expect(spool.stats).toMatchObject({ waiting: 0, rejected: 1 });
    await spool.close();
  });

  it('keeps what fails while it closes', async () => {
    const spool = await openSpool({ folder, logger });
    await spool.append(entry('one'));
    const pool = Promise.withResolvers<void>();
    const draining = spool.drain(() => pool.promise);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const closing = spool.close();
    pool.reject(new Error('Cannot use a pool after calling end on the pool'));
    await expect(draining).rejects.toThrow('pool');
    await closing;
    expect(await files()).toHaveLength(1);
  });

  it('keeps its files while the socket of the database is gone', async () => {
    const spool = await openSpool({ folder, logger });
    await spool.append(entry('one'));
    const missing = Object.assign(new Error('connect ENOENT /run/postgresql/.s.PGSQL.5432'), {
      code: 'ENOENT',
      syscall: 'connect',
    });
    await expect(spool.drain(() => Promise.reject(missing))).rejects.toThrow('ENOENT');
    expect(spool.stats).toMatchObject({ waiting: 1, rejected: 0 });
    const { settled, replay } = collector();
    await spool.drain(replay);
    expect(settled).toEqual(['one']);
    await spool.close();
  });

  it('loses nothing that is appended while it drains', async () => {
    const spool = await openSpool({ folder, logger, linesMax: 50 });
    const { settled, replay } = collector();
    const drains: Promise<unknown>[] = [];
    for (let index = 0; index < 500; index += 1) {
      await spool.append(entry(`e${index}`));
      if (index % 25 === 0) drains.push(spool.drain(replay));
    }
    await Promise.all(drains);
    await spool.drain(replay);
    expect(new Set(settled).size).toBe(500);
    expect(settled).toHaveLength(500);
    expect(await files()).toEqual([]);
    await spool.close();
  });

  it('drains by itself from start to close', async () => {
    const spool = await openSpool({ folder, logger });
    const { settled, replay } = collector();
    let isAway = true;
    spool.start((given) => (isAway ? Promise.reject(away) : replay(given)), 5);
    await spool.append(entry('one'));
    await new Promise((resolve) => setTimeout(resolve, 30));
    isAway = false;
    while (settled.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await spool.close();
    expect(settled).toEqual(['one']);
  });

  it('refuses an entry that the disk does not take', async () => {
    const spool = await openSpool({ folder, logger });
    await rm(folder, { recursive: true });
    await expect(spool.append(entry('one'))).rejects.toThrow('ENOENT');
    expect(spool.stats.waiting).toBe(0);
    await spool.close();
  });

  it('takes over the files of a spool that is closed', async () => {
    const before = await openSpool({ folder, logger });
    await before.append(entry('left'));
    const beside = await openSpool({ folder, logger });
    expect(beside.stats.waiting).toBe(0);
    await beside.close();
    await before.close();

    const after = await openSpool({ folder, logger });
    expect(after.stats.waiting).toBe(1);
    const { settled, replay } = collector();
    await after.drain(replay);
    expect(settled).toEqual(['left']);
    await after.close();
  });

  it('leaves the files of others alone until they have long been silent', async () => {
    const path = join(folder, 'clicks.another-host.1.abcd1234.00000001.ndjson');
    await writeFile(path, `${JSON.stringify(entry('foreign'))}\n`);
    await writeFile(join(folder, 'links.ndjson'), '{}\n');
    const old = new Date(Date.now() - 600_000);
    await utimes(join(folder, 'links.ndjson'), old, old);
    const spool = await openSpool({ folder, logger });
    expect(spool.stats.waiting).toBe(0);
    await utimes(path, old, old);
    const { settled, replay } = collector();
    await spool.drain(replay);
    expect(settled).toEqual(['foreign']);
    expect(await readdir(folder)).toEqual(['links.ndjson']);
    await spool.close();
  });

  it('goes on where another host has taken a file over', async () => {
    const spool = await openSpool({ folder, logger });
    await spool.append(entry('taken'));
    await rm(join(folder, (await files())[0]!));
    const { settled, replay } = collector();
    await spool.drain(replay);
    await spool.append(entry('mine'));
    await spool.drain(replay);
    expect(settled).toEqual(['mine']);
    expect(spool.stats.waiting).toBe(0);
    await spool.close();
  });

  it('leaves out a line that a crash has torn', async () => {
    const before = await openSpool({ folder, logger });
    await before.append(entry('whole'));
    await before.close();
    const [file] = await files();
    await appendFile(join(folder, file!), JSON.stringify(entry('torn')).slice(0, 40));
    const spool = await openSpool({ folder, logger });
    const { settled, replay } = collector();
    await spool.drain(replay);
    expect(settled).toEqual(['whole']);
    await spool.close();
  });

  it('has every acknowledged entry after the process was killed', async () => {
    const program = `
      import { openSpool } from ${JSON.stringify(import.meta.resolve('./spool.ts'))};
      const logger = { info() {}, warn() {}, error() {} };
      const spool = await openSpool({ folder: process.argv[2], logger, linesMax: 40 });
      for (let index = 0; ; index += 1) {
        const event = { workspaceId: 'w', id: 'e' + index, key: 'k', digest: '0', type: 'link_click' };
        spool.append({ event }).then(() => process.send(event.id));
        if (index % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
      }`;
    const script = join(folder, 'writer.mjs');
    await writeFile(script, program);
    const child = fork(script, [folder], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const acknowledged: string[] = [];
    child.on('message', (id) => {
      acknowledged.push(id as string);
      if (acknowledged.length === 300) child.kill('SIGKILL');
    });
    await new Promise((resolve) => child.once('exit', resolve));

    const spool = await openSpool({ folder, logger });
    const { settled, replay } = collector();
    await spool.drain(replay);
    const drained = new Set(settled);
    expect(acknowledged.length).toBeGreaterThanOrEqual(300);
    expect(acknowledged.filter((id) => !drained.has(id))).toEqual([]);
    expect(await files()).toEqual([]);
    await spool.close();
  });
});
