/** docs/analytics.md: its example of the shell, those of the library, its list of filters, and what it says is counted. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { orThrow } from 'headwater';
import { toNodeHandler } from 'headwater/node';
import { createTestClock, createTestHeadwater } from 'headwater/testing';
import { expect, it } from 'vitest';

import { createShell, shellCommands } from '../support/shell.ts';

const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'analytics.md'), 'utf8');
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

it('runs every example of docs/analytics.md', async () => {
  const server = createServer();
  server.listen(0);
  await once(server, 'listening');
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  const clock = createTestClock(new Date('2026-11-20T12:00:00Z'));
  await using hw = await createTestHeadwater({
    clock,
    geo: { headers: 'cloudflare' },
    ownHosts: ['shop.test'],
  });
  server.on('request', toNodeHandler(hw));

  // Ada comes by mail from Germany, buys for 49.00 and gets 10.00 back; somebody looks in from France.
  for (const [visitor, country] of [
    ['ada', 'DE'],
    ['bob', 'FR'],
  ] as const) {
    const answer = await hw.handler(
      new Request('http://shop.test/hw/t/event', {
        method: 'POST',
        headers: { host: 'shop.test', 'user-agent': firefox, 'cf-ipcountry': country },
        body: JSON.stringify({
          anonymous_id: visitor,
          url: 'http://shop.test/?utm_source=news&utm_medium=email',
        }),
      }),
    );
    expect(answer.status).toBe(200);
  }
  clock.advance({ minutes: 1 });
  orThrow(await hw.visitors.identify({ externalId: 'ada', anonymousId: 'ada' }));
  const usd = { externalId: 'ada', currency: 'USD' };
  orThrow(await hw.events.sale({ ...usd, anonymousId: 'ada', amountMinor: 4_900n }));
  clock.advance({ days: 1 });
  orThrow(await hw.events.track({ ...usd, type: 'refund', amountMinor: 1_000n }));

  const shell = createShell(host, {
    KEY: orThrow(await hw.apiKeys.create({ kind: 'secret', name: 'Guide', scopes: ['read'] })).key,
  });
  const [summary, ...more] = shellCommands(guide);
  expect(more).toEqual([]);
  expect(await shell.curl(summary!)).toMatchObject({
    status: 200,
    body: {
      people: 2,
      new_visitors: 2,
      sales: 1,
      buyers: 1,
      revenue: 3_900,
      identification_rate: 0.5,
      previous: { people: 0, revenue: 0 },
    },
  });

  const examples = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code).join('\n');
  const run = new AsyncFunction(
    'hw',
    'orThrow',
    `${examples}\nreturn { numbers, before, channels };`,
  );
  expect(await run(hw, orThrow)).toMatchObject({
    numbers: { people: 2, conversions: { sales: 1 } },
    before: { numbers: { people: 0 } },
    channels: {
      rows: [
        {
          value: 'Email',
          numbers: {
            people: 1,
            sessions: 1,
            revenue: [{ currency: 'USD', amountMinor: 3_900n }],
          },
        },
      ],
    },
  });

  const [, filters] = /^```json\n(.*?)^```$/ms.exec(guide)!;
  const november = 'from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z';
  const filtered = `curl "http://localhost:4400/hw/api/analytics/summary?${november}&filters=${encodeURIComponent(filters!)}" -H "Authorization: Bearer $KEY"`;
  expect(await shell.curl(filtered)).toMatchObject({ status: 200, body: { people: 1 } });

  // Each metric, dimension and interval that the guide names is one.
  const [, table] = /^## What is counted\n(.*?)^In the summary/ms.exec(guide)!;
  const metrics = [...table!.matchAll(/^\|([^|]*)\|/gm)].flatMap(([, cell]) => codesOf(cell!));
  expect(metrics).toContain('conversion_rate');
  const of = { from: new Date('2026-11-01T00:00:00Z'), to: new Date('2026-12-01T00:00:00Z') };
  orThrow(await hw.analytics.breakdown({ ...of, dimension: 'channel', metrics }));
  const [, visits, events] =
    /^\*\*Dimensions\*\* of visits: `([^`]*)`\. Of single events: `([^`]*)`/m.exec(guide)!;
  for (const dimension of `${visits!} ${events!} machine`.split(/\s+/))
    orThrow(await hw.analytics.breakdown({ ...of, dimension }));
  const [, intervals] = /`interval` is one of `([^`]*)`/.exec(guide)!;
  const day = { from: of.from, to: new Date('2026-11-02T00:00:00Z') };
  for (const interval of intervals!.split(' '))
    orThrow(await hw.analytics.timeSeries({ ...day, metrics: ['people'], interval }));
  server.close();
}, 60_000);

/** What stands between backticks. */
function codesOf(text: string): string[] {
  return [...text.matchAll(/`([^`]*)`/g)].map(([, code]) => code!);
}

const AsyncFunction = (async () => undefined).constructor as new (
  ...words: string[]
) => (...values: unknown[]) => Promise<unknown>;
