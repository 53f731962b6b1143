import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { openSnapshot, UntrustedSnapshotError } from 'headwater';
import type { OpenSnapshot, Secret } from 'headwater';

import type { ServerConfig } from '../config.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import type { Log } from '../log.ts';
import type { Terminal } from '../terminal.ts';

/** Serves the redirects of a signed snapshot until a signal ends it. There is no database, and nobody is counted. */
export async function serveSnapshot(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  file: string,
): Promise<void> {
  const snapshot = await open(config, file);
  const server = createServer((request, response) => {
    if (request.url === '/healthz') {
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('ok\n');
      return;
    }
    const host = request.headers.host ?? 'localhost';
    const url = URL.parse(request.url ?? '/', `http://${host}`);
    if (url === null) {
      response.writeHead(400).end();
      return;
    }
    const asked = new Request(`http://${host}${url.pathname}${url.search}`, {
      method: request.method === 'HEAD' || request.method === 'GET' ? request.method : 'POST',
      headers: { 'user-agent': request.headers['user-agent'] ?? '' },
    });
    const answer = snapshot.handler(asked);
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    void answer.text().then((text) => response.end(text));
  });
  await listen(server, config);
  terminal.print(
    terminal.json
      ? JSON.stringify({ event: 'listening', port: config.port, links: snapshot.links })
      : `Headwater serves ${snapshot.links} links of ${snapshot.madeAt.toISOString()} on port ${config.port}, without a database`,
  );
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  log.info('stopping');
  server.closeIdleConnections();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}

async function open(config: ServerConfig, file: string): Promise<OpenSnapshot> {
  if (!existsSync(file)) throw new CommandFailure(`there is no file ${file}`, exitCodes.misused);
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity });
  try {
    return await openSnapshot(lines, { secret: secretOf(config) });
  } catch (error) {
    if (error instanceof UntrustedSnapshotError)
      throw new CommandFailure(`${file}: ${error.message}`);
    throw error;
  }
}

/** That of the settings; else the one that the embedded database keeps beside its rows. */
function secretOf(config: ServerConfig): string | readonly Secret[] {
  const { secret } = config.engine;
  if (secret !== undefined) return secret;
  const file = join(config.dataFolder, 'secret');
  if (!existsSync(file))
    throw new CommandFailure(
      'HEADWATER_SECRET is needed: the snapshot was signed with it',
      exitCodes.misused,
    );
  return readFileSync(file, 'utf8').trim();
}

function listen(server: Server, config: ServerConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new CommandFailure(`Port ${config.port} is in use. Name another one: PORT=4401.`)
          : error,
      ),
    );
    server.listen(config.port, config.host, () => resolve());
  });
}
