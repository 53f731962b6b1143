import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openAsBlob } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { PGlite } from '@electric-sql/pglite';
import { createOutbox, type Time } from '@headwater/client';
import { postgresOutbox } from '@headwater/client/postgres';
import { createFakeServer } from '@headwater/client/testing';
import { listen } from '@headwater/client/testing/node';
import { expect, inject, it } from 'vitest';

/** What a killed drain had claimed is due again by then. */
const threeMinutesLater: Time = {
  now: () => Date.now() + 180_000,
  sleep: (milliseconds) => delay(milliseconds),
};

it('delivers each committed sign-up once, whenever the process was killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'headwater-outbox-'));
  // A folder that is there already: making one is slow.
  await (
    await PGlite.create({
      dataDir: folder,
      loadDataDir: await openAsBlob(inject('pgliteTemplate')),
    })
  ).close();
  const fake = createFakeServer();
  await using server = await listen(fake);

  await signUp('unborn', 'before the commit');
  await signUp('recorded', 'before the delivery');
  expect(fake.requests).toEqual([]);
  await signUp('delivered', 'during the delivery');
  expect(fake.events.map((event) => event['user_id'])).toEqual(['recorded', 'delivered']);

  const database = await PGlite.create(folder);
  const outbox = createOutbox({
    apiKey: 'key',
    project: 'shop',
    baseUrl: server.baseUrl,
    store: postgresOutbox(database),
    time: threeMinutesLater,
  });
  expect(await outbox.drain()).toEqual({ delivered: 2, refused: 0, postponed: 0 });
  const { rows } = await database.query('select id from account order by id');
  await database.close();
  await rm(folder, { recursive: true });

  expect(rows).toEqual([{ id: 'delivered' }, { id: 'recorded' }]);
  const ids = (user: string) =>
    new Set(
      fake.events.filter((event) => event['user_id'] === user).map((event) => event['event_id']),
    );
  expect(ids('recorded').size).toBe(1);
  expect(ids('delivered').size).toBe(1);
  expect(fake.events).toHaveLength(4);

  async function signUp(userId: string, dies: string): Promise<void> {
    const script = join(import.meta.dirname, 'killed-sign-up.ts');
    const args = ['--conditions=headwater-source', script, folder, server.baseUrl, userId, dies];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    // The server has the event and says nothing; the application never learns of it.
    if (dies === 'during the delivery') fake.script(() => (child.kill('SIGKILL'), 'silence'));
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
  }
});
