/** `headwater mcp`, as the official client of the Model Context Protocol speaks to it. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { createHeadwater, orThrow } from 'headwater';
import { toNodeHandler } from 'headwater/node';
import { createTestHeadwater } from 'headwater/testing';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'headwater-mcp-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const command = join(import.meta.dirname, '../../packages/server/src/cli.ts');

async function connect(
  args: readonly string[],
  variables: Record<string, string>,
): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: ['--conditions=headwater-source', command, 'mcp', ...args],
      env: { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'error', ...variables },
      stderr: 'inherit',
    }),
  );
  return client;
}

/** What a tool answers, as JSON, and whether it is an error. */
async function call(client: Client, name: string, given: Record<string, unknown> = {}) {
  const { content, isError } = await client.callTool({ name, arguments: given });
  const [first, ...rest] = content as Array<{ type: string; text: string }>;
  return { isError, body: JSON.parse(first!.text) as unknown, rest: rest.map(({ text }) => text) };
}

describe('headwater mcp', () => {
  it('reads links, visitors and reports of its own database, and writes nothing', async () => {
    const data = join(folder, 'data');
    const hw = await createHeadwater({ database: { folder: data } });
    await hw.migrate();
    const link = orThrow(
      await hw.links.create({ domain: 'go.test', key: 'spring', url: 'https://shop.test/' }),
    );
    orThrow(await hw.visitors.identify({ externalId: 'cust_1', name: 'Ann' }));
    orThrow(await hw.events.sale({ externalId: 'cust_1', amountMinor: 4_900n, currency: 'USD' }));
    await hw.close();

    const client = await connect([], { HEADWATER_DATA: data });
    const { tools } = await client.listTools();
    const names = tools.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'listLinks',
        'getLinkStats',
        'listVisitors',
        'getVisitorTimeline',
        'analyticsSummary',
        'getAttributionReport',
        'listFunnels',
        'listProjects',
      ]),
    );
    expect(
      names.filter((name) => /^(create|update|archive|delete|merge|revoke)/.test(name)),
    ).toEqual([]);
    expect(tools.every(({ annotations }) => annotations?.readOnlyHint === true)).toBe(true);

    expect(await call(client, 'listLinks', { limit: 1 })).toMatchObject({
      isError: false,
      body: [{ id: link.id, key: 'spring' }],
    });
    expect((await call(client, 'getLinkStats', { link_id: link.id })).body).toMatchObject({
      total_clicks: 0,
    });
    const found = await call(client, 'lookupVisitor', { external_id: 'cust_1' });
    expect(found.body).toMatchObject({ person_name: 'Ann', status: 'customer' });
    const report = await call(client, 'getAttributionReport', { dimension: 'channel' });
    expect(report).toMatchObject({ isError: false, body: { totals: { conversions: 1 } } });
    expect(await call(client, 'getLink', { id: crypto.randomUUID() })).toMatchObject({
      isError: true,
      body: { code: 'link_not_found' },
    });
    await expect(client.callTool({ name: 'createLink' })).rejects.toThrow('There is no tool');
    await client.close();
  }, 120_000);

  it('asks a server that runs, with a key that may read', async () => {
    await using hw = await createTestHeadwater();
    for (const key of ['a1', 'a2'])
      orThrow(await hw.links.create({ domain: 'go.test', key, url: 'https://shop.test/' }));
    const server = createServer(toNodeHandler(hw)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hw`;
    const client = await connect(['--url', url], {
      HEADWATER_API_KEY: await hw.fixtures.apiKey('read'),
    });
    const { body, rest } = await call(client, 'listLinks', { limit: 1 });
    expect(body).toMatchObject([{ key: 'a2' }]);
    expect(rest).toEqual([expect.stringMatching(/^There is more: ask again with cursor /)]);
    await client.close();
    server.closeAllConnections();
    server.close();
  }, 120_000);
});
