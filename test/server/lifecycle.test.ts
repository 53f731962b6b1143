import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { callApi, eventually, linkHost, runCommand, startServer } from './server-process.ts';
import type { ServerProcess } from './server-process.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-lifecycle-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('headwater serve', () => {
  it(
    'gives the folder to one process, and to the next when that is gone',
    { timeout: 120_000 },
    async () => {
      const variables = { HEADWATER_DATA: join(folder, 'one') };
      await using first = await startServer(variables);
      expect(first.secretKey).toMatch(/^hw_sk_/);
      expect((await fetch(`${first.origin}/readyz`)).status).toBe(200);

      const second = await runCommand(['serve'], { ...variables, PORT: '0' });
      expect(second.code).toBe(1);
      expect(second.stderr).toContain(
        `Process ${first.pid} is using the folder ${variables.HEADWATER_DATA}`,
      );
      expect(second.stderr).not.toMatch(/^\s+at /m);
      const doctor = await runCommand(['doctor'], variables);
      expect(doctor).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`Process ${first.pid} is using`),
      });

      first.signal('SIGKILL');
      await first.ended;
      await using third = await startServer(variables);
      expect(third.secretKey).toBeUndefined();
      const links = await callApi(third, first.secretKey!, 'GET', 'links');
      expect(links.status).toBe(200);
      third.signal('SIGTERM');
      expect(await third.ended).toEqual({ code: 0, signal: null });

      await using fourth = await startServer(variables);
      expect(fourth.ready).toBe(true);
      fourth.signal('SIGINT');
      expect(await fourth.ended).toEqual({ code: 0, signal: null });
    },
  );

  it(
    'answers what is in flight when it is told to stop, and keeps it',
    { timeout: 120_000 },
    async () => {
      const variables = { HEADWATER_DATA: join(folder, 'two') };
      await using server = await startServer(variables);
      const key = server.secretKey!;
      const link = await callApi(server, key, 'POST', 'links', {
        domain: linkHost,
        key: 'launch',
        url: 'https://shop.example/',
      });
      expect(link.status).toBe(201);

      const neverEnding = connect(server.port, '127.0.0.1');
      neverEnding.on('error', () => undefined);
      neverEnding.write('POST /hw/api/links HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n');
      const answers = Array.from({ length: 300 }, () => follow(server));
      await Promise.race([answers[0], sleep(500)]);
      server.signal('SIGTERM');
      const followed = (await Promise.allSettled(answers)).filter(
        (answer) => answer.status === 'fulfilled' && answer.value === 302,
      );
      expect(await server.ended).toEqual({ code: 0, signal: null });
      neverEnding.destroy();
      expect(followed.length).toBeGreaterThan(0);

      await using again = await startServer(variables);
      await eventually('every followed link is a click', async () => {
        const stats = await callApi(again, key, 'GET', `links/${String(link.body['id'])}/stats`);
        return Number(stats.body['total_clicks']) >= followed.length;
      });
    },
  );

  it('ends at once at the second signal', { timeout: 60_000 }, async () => {
    await using server = await startServer({ HEADWATER_DATA: join(folder, 'two') });
    const stuck = connect(server.port, '127.0.0.1');
    stuck.on('error', () => undefined);
    stuck.write('POST /hw/api/links HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf');
    await sleep(200);
    server.signal('SIGTERM');
    await eventually('it is stopping', () => server.log().includes('stopping'));
    server.signal('SIGTERM');
    expect(await server.ended).toEqual({ code: 143, signal: null });
    stuck.destroy();
  });

  it('says which port is taken', { timeout: 60_000 }, async () => {
    await using server = await startServer({ HEADWATER_DATA: join(folder, 'two') });
    const other = await runCommand(['serve', '--port', String(server.port)], {
      HOST: '127.0.0.1',
      HEADWATER_DATA: join(folder, 'three'),
    });
    expect(other).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`Port ${server.port} is in use`),
    });
  });
});

async function follow(server: ServerProcess): Promise<number> {
  // `fetch` does not let us choose the host.
  const socket = connect(server.port, '127.0.0.1');
  let received = '';
  socket.write(
    `GET /launch HTTP/1.1\r\nHost: ${linkHost}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0\r\n\r\n`,
  );
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed without an answer')));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (!received.includes('\r\n\r\n')) return;
      resolve(Number(received.slice(9, 12)));
      socket.destroy();
    });
  });
}
