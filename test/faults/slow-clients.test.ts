import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { linkHost } from '../server/server-process.ts';
import type { ServerProcess } from '../server/server-process.ts';
import { assertKept } from './check-record.ts';
import { isLong, report, residentMegabytes, seededRandom } from './fault-run.ts';
import { startLoad } from './retrying-load.ts';
import { endInOrder, patientClicks, serveFirst } from './served.ts';

const each = isLong ? 300 : 30;
/** What a server tells: 15 s for headers, 20 s for a body, looked at every 5 s; and a moment for a busy machine. */
const endsWithinSeconds = isLong ? 30 : 120;
const growthMax = isLong ? 64 : 200;

const head = `Host: ${linkHost}\r\nUser-Agent: slow\r\nContent-Type: application/json\r\n`;
const attacks: ReadonlyArray<readonly [what: string, first: string, drip: string | Buffer]> = [
  ['headers that never end', `GET /launch HTTP/1.1\r\nHost: ${linkHost}\r\nX: `, 'x'],
  [
    'a body that comes slowly',
    `POST /hw/t/event HTTP/1.1\r\n${head}Content-Length: 5000\r\n\r\n`,
    'x',
  ],
  [
    'a body that never comes',
    `POST /hw/t/event HTTP/1.1\r\n${head}Content-Length: 500\r\n\r\n`,
    '',
  ],
  [
    'a body of 1 GB, as announced',
    `POST /hw/t/event HTTP/1.1\r\n${head}Content-Length: 1000000000\r\n\r\n`,
    Buffer.alloc(65_536, 'x'),
  ],
  [
    'a body of 1 GB in chunks',
    `POST /hw/t/event HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n`,
    Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, 'x'), Buffer.from('\r\n')]),
  ],
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-slow-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe(`${each * attacks.length} clients that send slowly, hugely, or never finish`, () => {
  it(
    'are ended in time and cost little memory, while others are served',
    { timeout: 240_000 },
    async () => {
      const data = join(folder, 'data');
      await using server = await serveFirst({ HEADWATER_DATA: data, ...patientClicks });
      const { key } = server;
      const origin = (): string => server.origin;
      const load = startLoad({ origin, key, random: seededRandom(), clients: 4 });
      await load.acknowledged(200);
      const before = residentMegabytes(server.pid);
      const start = performance.now();
      const lives = attacks.flatMap(([what, first, drip]) =>
        Array.from({ length: each }, async () => [what, await live(server, first, drip)] as const),
      );
      let grown = 0;
      const watch = setInterval(() => {
        grown = Math.max(grown, residentMegabytes(server.pid) - before);
      }, 200);
      await load.acknowledged(50);
      const answered = Math.round(performance.now() - start);
      const longest = new Map<string, number>();
      for (const [what, seconds] of await Promise.all(lives))
        longest.set(what, Math.max(longest.get(what) ?? 0, Math.round(seconds * 10) / 10));
      clearInterval(watch);
      await load.settle();
      await endInOrder(server);
      await assertKept({ folder: data }, [load.record]);
      expect(Object.fromEntries(load.record.unexpected)).toEqual({});
      report('slow clients', {
        clients: lives.length,
        ...Object.fromEntries(
          [...longest].map(([what, seconds]) => [`${what}, ended after s`, seconds]),
        ),
        '50 others answered within ms': answered,
        'RSS growth MB': grown,
      });
      for (const seconds of longest.values()) expect(seconds).toBeLessThan(endsWithinSeconds);
      expect(grown).toBeLessThan(growthMax);
    },
  );
});

/** Sends the beginning, then a little or a lot for as long as the server lets it; how many seconds that was. */
async function live(server: ServerProcess, first: string, drip: string | Buffer): Promise<number> {
  const start = performance.now();
  const socket: Socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined).resume();
  socket.write(first);
  const pause = typeof drip === 'string' ? 500 : 5;
  const dripping = setInterval(() => {
    if (drip.length > 0 && socket.writable && !socket.writableNeedDrain) socket.write(drip);
  }, pause);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(dripping);
  return (performance.now() - start) / 1_000;
}
