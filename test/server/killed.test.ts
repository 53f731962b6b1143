import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openEmbeddedFolder } from '../../packages/engine/src/store/embedded-folder.ts';
import { createPostgresDatabase } from '../support/postgres.ts';
import { startServer } from './server-process.ts';
import type { ServerProcess, Variables } from './server-process.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-killed-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('a server that is killed under load', () => {
  it('keeps every acknowledged event once, on PGlite', { timeout: 120_000 }, async () => {
    const data = join(folder, 'embedded');
    await expectAllKept({ HEADWATER_DATA: data }, async () => {
      const opened = await openEmbeddedFolder(data);
      const { rows } = await opened.pglite.query<{ id: string }>(
        `select id from headwater.event where type = 'pageview'`,
      );
      await opened.close();
      return rows.map((row) => row.id);
    });
  });

  it('keeps every acknowledged event once, on PostgreSQL', { timeout: 120_000 }, async () => {
    await using database = await createPostgresDatabase();
    const variables = {
      HEADWATER_DATA: join(folder, 'server'),
      DATABASE_URL: database.url,
      HEADWATER_SECRET: 'a secret of the tests that is long enough',
    };
    await expectAllKept(variables, async () => {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      const { rows } = await client.query<{ id: string }>(
        `select id from headwater.event where type = 'pageview'`,
      );
      await client.end();
      return rows.map((row) => row.id);
    });
  });
});

async function expectAllKept(
  variables: Variables,
  readEventIds: () => Promise<readonly string[]>,
): Promise<void> {
  const sent = new Set<string>();
  const acknowledged = new Map<string, string>();
  {
    await using server = await startServer(variables);
    const running = new AbortController();
    const clients = Array.from({ length: 30 }, async () => {
      while (!running.signal.aborted) {
        const id = randomUUID();
        sent.add(id);
        const eventId = await sendPageview(server, id).catch(() => undefined);
        if (eventId !== undefined) acknowledged.set(id, eventId);
      }
    });
    await sleep(1_500);
    server.signal('SIGKILL');
    await server.ended;
    running.abort();
    await Promise.all(clients);
  }
  expect(acknowledged.size).toBeGreaterThan(100);

  {
    // The clients try again what they had no answer to, and something they had.
    await using server = await startServer(variables);
    const again = [...sent].filter((id) => !acknowledged.has(id));
    const repeated = [...acknowledged.keys()].slice(0, 50);
    for (const id of again) acknowledged.set(id, (await sendPageview(server, id))!);
    for (const id of repeated) expect(await sendPageview(server, id)).toBe(acknowledged.get(id));
    server.signal('SIGTERM');
    expect(await server.ended).toEqual({ code: 0, signal: null });
  }

  const stored = await readEventIds();
  expect(new Set(stored).size).toBe(stored.length);
  expect(new Set(stored)).toEqual(new Set(acknowledged.values()));
  expect(stored.length).toBe(sent.size);
}

async function sendPageview(server: ServerProcess, id: string): Promise<string | undefined> {
  const response = await fetch(`${server.origin}/hw/t/event`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
    },
    body: JSON.stringify({
      event_id: id,
      event_type: 'pageview',
      url: 'https://shop.example/',
      anonymous_id: `visitor-${id.slice(0, 1)}`,
    }),
  });
  const answer = (await response.json()) as { event_id?: string };
  return response.status === 200 ? answer.event_id : undefined;
}
