import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from '@modelcontextprotocol/sdk/types.js';

import { apiTools } from './api-tools.ts';
import type { OpenApiDocument } from './api-tools.ts';

/** Where the REST API is: in this process, or behind an address. */
export interface ApiSource {
  document(): Promise<OpenApiDocument>;
  /** Asks for what is at a path below `{base}/api`. */
  read(address: string): Promise<Response>;
}

const answerCharactersMax = 100_000;

/**
 * A server of the Model Context Protocol with a tool for each reading operation of the API. None of them writes.
 * @see https://modelcontextprotocol.io/specification
 */
export async function createMcpServer(source: ApiSource, version: string): Promise<Server> {
  const tools = apiTools(await source.document());
  const server = new Server(
    { name: 'headwater', version },
    {
      capabilities: { tools: {} },
      instructions:
        'Where the customers of a product come from and what each source is worth: links, visitors, visits, reports. ' +
        'Amounts are minor units of their currency; times are UTC.',
    },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [...tools.values()].map(({ tool }) => tool),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const found = tools.get(params.name);
    if (found === undefined)
      throw new McpError(ErrorCode.InvalidParams, `There is no tool ${params.name}`);
    const response = await source.read(found.address(params.arguments ?? {}));
    const text = await response.text();
    const next = response.headers.get('x-next-cursor');
    return {
      isError: !response.ok,
      content: [
        { type: 'text', text: shorten(text) },
        ...(next === null
          ? []
          : [{ type: 'text' as const, text: `There is more: ask again with cursor ${next}.` }]),
      ],
    };
  });
  return server;
}

/** A model reads all of it: a page too long says so, and how to ask for less. */
function shorten(text: string): string {
  return text.length <= answerCharactersMax
    ? text
    : `${text.slice(0, answerCharactersMax)}… (cut: ask for less, with limit or a shorter period)`;
}
