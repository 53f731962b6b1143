import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { buildSync } from 'esbuild';

import type { SentBeacon } from './expect-requests.ts';

const source = join(import.meta.dirname, '..', '..', 'packages', 'browser', 'src');

/** The client as the script tag loads it. */
export function buildScript(): string {
  return bundle('script.ts', 'iife');
}

/** Another script that a tag loads. */
export function bundleScript(entry: string): string {
  return bundle(entry, 'iife');
}

/** The client as a page imports it. */
function buildModule(): string {
  return bundle('index.ts', 'esm');
}

const addOns = ['interactions', 'fingerprint'] as const;

function bundle(entry: string, format: 'iife' | 'esm'): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(source, entry)],
    bundle: true,
    minify: true,
    format,
    target: 'es2020',
    write: false,
  });
  return outputFiles[0]!.text;
}

export interface ReceivedRequest {
  readonly path: string;
  readonly contentType: string | undefined;
  readonly cookie: string | undefined;
  readonly beacons: readonly SentBeacon[];
}

/** How the collector answers one request; what is left out is the good answer. */
export interface CollectorAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Ends the connection instead. */
  readonly drop?: boolean;
}

export interface Sites extends AsyncDisposable {
  readonly port: number;
  /** The HTML of every page, by path; other paths are empty documents with the script tag. */
  readonly pages: Map<string, string>;
  /** Sent with every page. */
  readonly pageHeaders: Record<string, string>;
  readonly received: ReceivedRequest[];
  /** Used up one by one; then every request gets the good answer. */
  readonly answers: CollectorAnswer[];
  origin(name: string): string;
}

/** Sites under `.test` with pages, the client's script, and a collector that only remembers what it got. */
export async function startSites(): Promise<Sites> {
  const script = buildScript();
  const module = buildModule();
  const pages = new Map<string, string>();
  const pageHeaders: Record<string, string> = {};
  const received: ReceivedRequest[] = [];
  const answers: CollectorAnswer[] = [];

  async function collect(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const parsed = JSON.parse(Buffer.concat(chunks).toString() || '[]') as
      | SentBeacon
      | SentBeacon[];
    received.push({
      path,
      contentType: request.headers['content-type'],
      cookie: request.headers.cookie,
      beacons: Array.isArray(parsed) ? parsed : [parsed],
    });
    const answer = answers.shift() ?? {};
    if (answer.drop === true) {
      response.destroy();
      return;
    }
    response.writeHead(answer.status ?? 200, {
      'content-type': 'application/json',
      'access-control-allow-origin': request.headers.origin ?? '*',
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'retry-after',
      ...answer.headers,
    });
    response.end(JSON.stringify(answer.body ?? { status: 'ok', results: [] }));
  }

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    const addOn = addOns.find((name) => path.endsWith(`/js/headwater-${name}.js`));
    if (request.method === 'POST') {
      collect(request, response, request.url ?? '').catch(() => response.destroy());
    } else if (path.endsWith('/js/headwater.js')) {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    } else if (addOn !== undefined) {
      response.writeHead(200, { 'content-type': 'text/javascript' });
      response.end(bundle(`${addOn}-script.ts`, 'iife'));
    } else if (path.endsWith('/js/index.js')) {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(module);
    } else if (path === '/favicon.ico') {
      response.writeHead(204).end();
    } else {
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        ...pageHeaders,
      });
      response.end(pages.get(path) ?? pages.get('*') ?? '');
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    pages,
    pageHeaders,
    received,
    answers,
    origin: (name) => `http://${name}:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
