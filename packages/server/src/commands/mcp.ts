import { once } from 'node:events';

import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createHeadwater } from 'headwater';
import { openApiDocument } from 'headwater/contract';

import type { ServerConfig } from '../config.ts';
import { CommandFailure } from '../failure.ts';
import type { Log } from '../log.ts';
import type { OpenApiDocument } from '../mcp/api-tools.ts';
import { createMcpServer } from '../mcp/mcp-server.ts';
import type { ApiSource } from '../mcp/mcp-server.ts';

export interface McpArguments {
  /** Of a server that runs, with its base path. */
  readonly url?: string;
  readonly key: string | undefined;
}

/** Speaks the Model Context Protocol over standard input and output until the input ends. */
export async function serveMcp(
  config: ServerConfig,
  log: Log,
  { url, key }: McpArguments,
): Promise<void> {
  const opened = url === undefined ? await openOwn(config, log) : openRemote(url, key);
  try {
    const server = await createMcpServer(opened.source, '0.1.0');
    const ended = once(process.stdin, 'end');
    await server.connect(new StdioServerTransport());
    await ended;
    await server.close();
  } finally {
    await opened.close();
  }
}

interface Opened {
  readonly source: ApiSource;
  close(): Promise<void>;
}

/** An engine of this process, which answers no one but us, and lets us read. */
async function openOwn(config: ServerConfig, log: Log): Promise<Opened> {
  let workspaceId = '';
  const hw = await createHeadwater({
    ...config.engine,
    logger: log,
    authenticate: () => Promise.resolve({ ok: true, workspaceId, scopes: ['read'] }),
  });
  await hw.migrate();
  workspaceId = (await hw.workspaces.first()).id;
  const { basePath } = config;
  return {
    source: {
      document: () => Promise.resolve(openApiDocument({ basePath }) as OpenApiDocument),
      read: (address) =>
        hw.handler(
          new Request(`http://localhost${basePath}/api${address}`, {
            headers: { authorization: 'Bearer mcp' },
          }),
        ),
    },
    close: () => hw.close(),
  };
}

function openRemote(url: string, key: string | undefined): Opened {
  if (key === undefined)
    throw new CommandFailure('HEADWATER_API_KEY is missing: a key that may read.');
  const base = url.replace(/\/+$/, '');
  const ask = (address: string): Promise<Response> =>
    fetch(base + address, { headers: { authorization: `Bearer ${key}` }, redirect: 'error' });
  return {
    source: {
      async document() {
        const answer = await ask('/openapi.json');
        if (!answer.ok) throw new CommandFailure(`${base} is no Headwater (${answer.status}).`);
        return (await answer.json()) as OpenApiDocument;
      },
      read: (address) => ask(`/api${address}`),
    },
    close: () => Promise.resolve(),
  };
}
