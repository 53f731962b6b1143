import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';

import { afterEach, describe, expect, it } from 'vitest';

import type { IncomingRequest, OutgoingResponse } from './capture/exchange.ts';
import { UnavailableError } from './kernel/errors.ts';
import { toNodeHandler } from './node.ts';
import type { Answering, NodeHandlerOptions } from './node.ts';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

describe('toNodeHandler', () => {
  it('hands over what arrived, without a URL or a Request', async () => {
    let seen: IncomingRequest | undefined;
    await serve({
      handle(request) {
        seen = request;
        return Promise.resolve({
          status: 302,
          headers: [
            ['location', 'https://shop.example/'],
            ['set-cookie', 'a=1'],
            ['set-cookie', 'b=2'],
          ],
        });
      },
    });
    const answer = await send(
      'GET /launch?utm_source=x%20y HTTP/1.1\r\nHost: Go.Example:80\r\nAccept: a\r\nAccept: b\r\n\r\n',
    );
    expect(answer).toContain(
      'HTTP/1.1 302 Found\r\nlocation: https://shop.example/\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n',
    );
    expect(answer).toContain('content-length: 0\r\n');
    expect(seen).toMatchObject({
      method: 'GET',
      target: '/launch?utm_source=x%20y',
      host: 'go.example',
      scheme: 'http',
      remoteAddress: '127.0.0.1',
    });
    expect(seen?.header('accept')).toBe('a, b');
    expect(seen?.header('x-none')).toBeUndefined();
  });

  it('passes a stream on as it comes, and ends it when the client has gone', async () => {
    const cancelled = Promise.withResolvers<void>();
    await serve({
      handler: () =>
        Promise.resolve(
          new Response(
            new ReadableStream({
              start: (controller) => {
                controller.enqueue(new TextEncoder().encode('data: 1\n\n'));
              },
              cancel: () => {
                cancelled.resolve();
              },
            }),
            { headers: { 'content-type': 'text/event-stream; charset=utf-8' } },
          ),
        ),
    });
    const socket = connect((server!.address() as AddressInfo).port);
    socket.write('GET /hw/api/live HTTP/1.1\r\nHost: a\r\n\r\n');
    let received = '';
    while (!received.includes('data: 1')) received += String((await once(socket, 'data'))[0]);
    expect(received).toContain('Transfer-Encoding: chunked');
    socket.destroy();
    await cancelled.promise;
  });

  it('passes what is not a fast path to the web handler and its answer back', async () => {
    await serve({
      async handler(request, { remoteAddress }) {
        const headers = new Headers({
          'content-type': 'text/plain',
          'x-one': request.headers.get('x-one') ?? '',
        });
        headers.append('set-cookie', 'a=1; Path=/');
        headers.append('set-cookie', 'b=2');
        return new Response(
          `${request.method} ${request.url} ${remoteAddress} ${await request.text()}`,
          { status: 201, headers },
        );
      },
    });
    const answer = await send(
      'POST /hw/api/events HTTP/1.1\r\nHost: a.example\r\nX-One: 1\r\nContent-Length: 4\r\n\r\nbody',
    );
    expect(answer).toMatch(/^HTTP\/1.1 201 Created\r\n/);
    expect(answer).toContain('x-one: 1\r\n');
    expect(answer).toContain('set-cookie: a=1; Path=/\r\nset-cookie: b=2\r\n');
    expect(answer).toMatch(/\r\n\r\nPOST http:\/\/a\.example\/hw\/api\/events 127\.0\.0\.1 body$/);
  });

  it('answers HEAD without a body', async () => {
    await serve({ handler: () => Promise.resolve(new Response('twelve bytes')) });
    const answer = await send('HEAD /hw/ HTTP/1.1\r\nHost: a.example\r\n\r\n');
    expect(answer).toContain('content-length: 12\r\n');
    expect(answer).toMatch(/\r\n\r\n$/);
  });

  it('leaves requests outside the base path to the next handler', async () => {
    const seen: string[] = [];
    await serve({ handler: () => Promise.resolve(new Response('ours')) }, {}, (url) =>
      seen.push(url),
    );
    expect(await send(get('/shop'))).toContain('theirs');
    expect(await send(get('/hwx'))).toContain('theirs');
    expect(await send(get('/hw?x'))).toContain('ours');
    expect(await send(get('/hw/api/links'))).toContain('ours');
    expect(seen).toEqual(['/shop', '/hwx']);
  });

  it('leaves to the next handler what is no link on a host that has links', async () => {
    const seen: string[] = [];
    const handle = ({ target }: IncomingRequest): Promise<OutgoingResponse> =>
      Promise.resolve({
        // Who has asked for too much that is no link is still a visitor of the application.
        status: target === '/launch' ? 302 : target === '/blog' ? 429 : 404,
        headers: [],
        body: 'ours',
      });
    await serve({ handle }, {}, (url) => seen.push(url));
    expect(await send(get('/launch'))).toContain('302');
    expect(await send(get('/pricing'))).toContain('theirs');
    expect(await send(get('/blog'))).toContain('theirs');
    expect(await send(get('/hw/t/nothing'))).toContain('ours');
    await serve({ handle });
    expect(await send(get('/pricing'))).toContain('404');
    expect(seen).toEqual(['/pricing', '/blog']);
  });

  it('takes bodies that a parser before it has read', async () => {
    await serve(
      { handler: async (request) => new Response(await request.text()) },
      {},
      undefined,
      async (request) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        (request as { body?: unknown }).body = JSON.parse(Buffer.concat(chunks).toString());
      },
    );
    expect(
      await send('POST /hw/x HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n{"a": "\u00e9" }'),
    ).toMatch(/\{"a":".+"\}$/);
  });

  it('believes X-Forwarded only when it is told to', async () => {
    const headers =
      'X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Host: go.example\r\nX-Forwarded-Proto: https\r\n\r\n';
    const echo = {
      handle: ({ host, scheme, remoteAddress }: IncomingRequest): Promise<OutgoingResponse> =>
        Promise.resolve({ status: 200, headers: [], body: `${scheme}://${host} ${remoteAddress}` }),
    };
    await serve(echo);
    expect(await send(`GET / HTTP/1.1\r\nHost: inner\r\n${headers}`)).toMatch(
      /http:\/\/inner 127\.0\.0\.1$/,
    );
    for (const trustProxy of [true, 2]) {
      await serve(echo, { trustProxy });
      expect(await send(`GET / HTTP/1.1\r\nHost: inner\r\n${headers}`)).toMatch(
        /https:\/\/go\.example 203\.0\.113\.7$/,
      );
    }
  });

  it('answers pipelined requests in their order', async () => {
    await serve({
      async handle({ target }) {
        await new Promise((resolve) => setTimeout(resolve, target === '/1' ? 30 : 0));
        return { status: 200, headers: [], body: target };
      },
    });
    const answer = await send(`${get('/1')}${get('/2')}${get('/3')}`, 3);
    expect(answer.match(/\r\n\r\n\/\d/g)).toEqual(['\r\n\r\n/1', '\r\n\r\n/2', '\r\n\r\n/3']);
  });

  it.each([
    ['a target that is no path', 'GET nonsense HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['the target of OPTIONS for a whole server', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['a host with a slash', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', 400],
    ['an empty host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n', 400],
    ['TRACE', 'TRACE /hw/ HTTP/1.1\r\nHost: a\r\n\r\n', 405],
    ['an absolute target', 'GET http://b.example/hw/ HTTP/1.1\r\nHost: a\r\n\r\n', 200],
    [
      'an absolute target without a path',
      'GET http://b.example?x HTTP/1.1\r\nHost: a\r\n\r\n',
      200,
    ],
    ['broken percent signs', 'GET /hw/%zz%00%ff HTTP/1.1\r\nHost: a\r\n\r\n', 200],
    ['two slashes in front', 'GET //evil.example/hw HTTP/1.1\r\nHost: a\r\n\r\n', 200],
    [
      'many kilobytes of headers',
      `GET /hw/ HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
    ],
    ['a NUL in a header', 'GET /hw/ HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n', 400],
    [
      'both lengths at once',
      'POST /hw/ HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
  ])('answers %s', async (_what, request, status) => {
    await serve({ handler: (web) => Promise.resolve(new Response(new URL(web.url).host)) });
    const answer = await send(request);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    if (request.includes('http://b.example')) expect(answer).toMatch(/b\.example$/);
    if (request.includes('//evil')) expect(answer).toMatch(/\r\n\r\na$/);
  });

  it('refuses a body that is announced, or turns out, too large', async () => {
    await serve({ handler: () => Promise.resolve(new Response('read')) }, { bodyLimit: 10 });
    const announced = await send(
      'POST /hw/x HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\nsome',
    );
    expect(announced).toMatch(/^HTTP\/1.1 413 /);
    expect(announced).toContain('connection: close');
    const chunked = await send(
      `POST /hw/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n${'x'.repeat(255)}\r\n`,
    );
    expect(chunked).toMatch(/^HTTP\/1.1 413 /);
  });

  it('gives up on a body that does not arrive', async () => {
    await serve(
      { handle: async (request) => ({ status: 200, headers: [], body: await request.body(100) }) },
      { bodyPatience: { milliseconds: 50 } },
    );
    expect(
      await send('POST /hw/t/event HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf'),
    ).toMatch(/^HTTP\/1.1 408 /);
  });

  it('outlives clients that go away in the middle', async () => {
    const failures: string[] = [];
    await serve(
      { handle: async (request) => ({ status: 200, headers: [], body: await request.body(100) }) },
      {},
      undefined,
      undefined,
      failures,
    );
    for (const rest of ['', 'half']) {
      const socket = connect((server!.address() as AddressInfo).port, '127.0.0.1');
      socket.write(`POST /hw/t/event HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n${rest}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      socket.resetAndDestroy();
    }
    expect(
      await send('POST /hw/t/event HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok'),
    ).toMatch(/\r\n\r\nok$/);
    expect(failures).toEqual([]);
  });

  it('answers 500 without details, and logs', async () => {
    const failures: string[] = [];
    await serve(
      { handle: () => Promise.reject(new Error('password is hunter2')) },
      {},
      undefined,
      undefined,
      failures,
    );
    const answer = await send(get('/x'));
    expect(answer).toMatch(/^HTTP\/1.1 500 /);
    expect(answer).not.toContain('hunter2');
    expect(failures).toEqual([expect.stringContaining('a request failed')]);
  });

  it('answers 500 when a header cannot be written', async () => {
    await serve({
      handle: () =>
        Promise.resolve({ status: 302, headers: [['location', 'https://a/\r\nSet-Cookie: x=1']] }),
    });
    const answer = await send(get('/x'));
    expect(answer).toMatch(/^HTTP\/1.1 500 /);
    expect(answer).not.toContain('x=1');
  });

  it('keeps what a database quotes of a row out of the log', async () => {
    const failures: string[] = [];
    const duplicate = Object.assign(new Error('duplicate key value violates a constraint'), {
      severity: 'ERROR',
      code: '23505',
      detail: 'Key (email)=(jo@example.com) already exists.',
    });
    await serve({ handle: () => Promise.reject(duplicate) }, {}, undefined, undefined, failures);
    expect(await send(get('/x'))).toMatch(/^HTTP\/1.1 500 /);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toContain('23505');
    expect(failures[0]).not.toContain('jo@');
  });

  it('asks to come back later when there is no room', async () => {
    await serve({
      handle: () => Promise.reject(new UnavailableError('full', { retryAfterSeconds: 3 })),
    });
    const answer = await send(get('/x'));
    expect(answer).toMatch(/^HTTP\/1.1 503 /);
    expect(answer).toContain('retry-after: 3\r\n');
  });
});

async function serve(
  parts: Partial<Pick<Answering, 'handle' | 'handler'>>,
  options: NodeHandlerOptions & { trustProxy?: boolean | number } = {},
  onNext?: (url: string) => void,
  before?: (request: IncomingMessage) => Promise<void>,
  failures: string[] = [],
): Promise<void> {
  server?.closeAllConnections();
  server?.close();
  const note = (message: string, details?: unknown): void =>
    void failures.push(`${message} ${inspect(details)}`);
  const handler = toNodeHandler(
    {
      options: {
        trustProxy: options.trustProxy ?? false,
        logger: { info: note, warn: note, error: note },
      },
      handle: parts.handle ?? (() => Promise.resolve(undefined)),
      handler: parts.handler ?? (() => Promise.resolve(new Response('none', { status: 404 }))),
    },
    options,
  );
  server = createServer((request, response) => {
    const next =
      onNext === undefined
        ? undefined
        : () => {
            onNext(request.url ?? '');
            response.end('theirs');
          };
    void Promise.resolve(before?.(request)).then(() => handler(request, response, next));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

function get(target: string): string {
  return `GET ${target} HTTP/1.1\r\nHost: a.example\r\n\r\n`;
}

/** Sends bytes and returns the answers once `count` of them are complete, or the server has closed. */
async function send(request: string, count = 1): Promise<string> {
  const socket = connect((server!.address() as AddressInfo).port, '127.0.0.1');
  socket.write(request, 'latin1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1');
    if (countComplete(answer, request.startsWith('HEAD')) >= count) socket.end();
  });
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return answer;
}

function countComplete(text: string, head: boolean): number {
  let count = 0;
  let rest = text;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return count;
    const length = head ? 0 : Number(/content-length: (\d+)/i.exec(rest.slice(0, end))?.[1] ?? 0);
    if (rest.length < end + 4 + length) return count;
    count += 1;
    rest = rest.slice(end + 4 + length);
  }
}
