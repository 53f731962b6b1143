import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { parseBody, written, type FakeServer } from './fake-server.ts';

/** A fake server that listens on a port of this machine. */
export interface ListeningServer {
  /** `http://127.0.0.1:<port>`: the `baseUrl` of a client under test. */
  readonly baseUrl: string;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Lets a fake server listen with `node:http`, for what runs in a process of its own. A line `refused` cuts the
 * connection without an answer.
 *
 * @example
 * await using listening = await listen(createFakeServer(503));
 * const tracking = createTracking({ ...options, baseUrl: listening.baseUrl });
 */
export async function listen(fake: FakeServer, port = 0): Promise<ListeningServer> {
  const server = createServer((request, response) => void answer(fake, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function answer(
  fake: FakeServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', url = '/' } = request;
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  let body: unknown;
  try {
    body = parseBody(await text(request));
  } catch {
    return; // The client has gone.
  }
  const ending = fake.receive({ method, path: url, headers, body });
  if (ending === 'silence') return;
  if (ending === 'refused') {
    request.socket.destroy();
    return;
  }
  const message = written(ending);
  response.writeHead(message.status, message.headers).end(message.text);
}
