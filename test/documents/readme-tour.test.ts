/** The five minutes of the README, word by word: every command of its shell blocks, in their order. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { orThrow } from 'headwater';
import { toNodeHandler } from 'headwater/node';
import { createTestHeadwater } from 'headwater/testing';
import { expect, it } from 'vitest';

import { createShell, shellCommands } from '../support/shell.ts';

it('leads from a link to the sale that it brought', async () => {
  const server = createServer();
  server.listen(0);
  await once(server, 'listening');
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  const hw = await createTestHeadwater({ links: { domains: [host], scheme: 'http' } });
  server.on('request', toNodeHandler(hw));
  const shell = createShell(host, {
    KEY: orThrow(await hw.apiKeys.create({ kind: 'secret', name: 'Tour' })).key,
  });
  const answers = new Map<string, { status: number; body: unknown }>();

  for (const command of tourCommands()) {
    if (command.startsWith('VISITOR=')) {
      const [visitor] = answers.get('/hw/api/visitors')!.body as Array<{ id: string }>;
      shell.variables['VISITOR'] = visitor!.id;
    }
    if (!command.startsWith('curl ')) continue;
    const { path, ...answer } = await shell.curl(command);
    expect({ path, failed: answer.status >= 400 }).toEqual({ path, failed: false });
    answers.set(path.replace(shell.variables['VISITOR'] ?? 'nobody', ':id'), answer);
    await hw.events.flush();
  }

  expect(answers.get('/launch?gclid=abc123')?.status).toBe(302);
  expect(answers.get('/hw/api/visitors/by-external-id/cust_123')?.body).toMatchObject({
    status: 'customer',
  });
  expect(answers.get('/hw/api/visitors/:id/attribution')?.body).toMatchObject({
    attribution_path: [
      { kind: 'click', source: 'newsletter', medium: 'email', signals: { gclid: 'abc123' } },
    ],
  });
  const timeline = answers.get('/hw/api/visitors/:id/timeline')?.body as Array<{
    event_type: string;
  }>;
  expect(timeline.map((event) => event.event_type).sort()).toEqual([
    'identify',
    'link_click',
    'pageview',
    'sale',
  ]);
  expect(answers.get('/hw/api/links?limit=1')?.body).toMatchObject([
    { total_clicks: 1, unique_clicks: 1, total_sales: 1, total_revenue_cents: 4999 },
  ]);
  await hw.close();
  server.close();
});

function tourCommands(): string[] {
  const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
  return shellCommands(/^## Five minutes\n(.*?)^## /ms.exec(readme)![1]!);
}
