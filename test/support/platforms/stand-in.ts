/**
 * Ad platforms on this machine: one HTTP server on the loopback interface that is all of them, by the host that the
 * request was for. Each stand-in judges requests as strictly as its platform documents, and keeps what it counted.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PlatformRequest {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly rawBody: string;
  /** `undefined` where it is no JSON. */
  readonly body: unknown;
  /** What the stand-in's clock shows, in milliseconds. */
  readonly now: number;
}

export interface PlatformAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON; text goes out as it is. */
  readonly body?: unknown;
}

/** What a platform takes for one conversion. */
export interface CountedConversion {
  /** By which the platform knows repeats; `undefined` where it knows none. */
  readonly key: string | undefined;
  readonly conversion: Readonly<Record<string, unknown>>;
  /** Refunds and adjustments are no conversions. */
  readonly kind?: 'conversion' | 'adjustment';
}

export interface Judgement {
  readonly answer: PlatformAnswer;
  /** What was taken; of a test nothing. */
  readonly counted?: readonly CountedConversion[];
}

/** The behaviour of one platform. */
export interface StandIn {
  readonly name: string;
  readonly hosts: readonly string[];
  judge(request: PlatformRequest): Judgement;
}

/**
 * What to do in the place of judging, for one request each: an answer as it is; `close` after reading; `close-after`
 * counting, before the answer is out; `silence` until the caller gives up, `silent-success` the same after counting.
 */
export type Scripted = PlatformAnswer | 'close' | 'close-after' | 'silence' | 'silent-success';

export interface Platforms extends AsyncDisposable {
  /** Takes requests for the platforms to their stand-ins; refuses all others. */
  readonly fetch: typeof fetch;
  /** What each has counted, repeats left out. */
  counted(name: string): readonly CountedConversion[];
  /** How many conversions arrived, repeats included. */
  arrivals(name: string): number;
  requests(name: string): readonly PlatformRequest[];
  /** What to answer to the next requests. */
  script(name: string, ...answers: readonly Scripted[]): void;
}

export async function startPlatforms(
  standIns: readonly StandIn[],
  { now }: { readonly now: () => number },
): Promise<Platforms> {
  const states = new Map(standIns.map((standIn) => [standIn.name, newState(standIn)]));
  const hosts = new Map(
    [...states.values()].flatMap((state) => state.standIn.hosts.map((host) => [host, state])),
  );
  const server = createServer((incoming, response) => {
    void answer(incoming, response, hosts, now());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const of = (name: string): State => {
    const state = states.get(name);
    if (state === undefined) throw new Error(`There is no stand-in "${name}".`);
    return state;
  };
  return {
    async fetch(input, init) {
      const { host, protocol, pathname, search } = new URL(
        input instanceof Request ? input.url : input,
      );
      if (protocol !== 'https:' || !hosts.has(host))
        throw new TypeError('fetch failed', {
          cause: Object.assign(new Error(`${host} is no platform`), { code: 'ENOTFOUND' }),
        });
      const headers = new Headers(init?.headers);
      headers.set('x-stand-in-host', host);
      return await fetch(`http://127.0.0.1:${port}${pathname}${search}`, { ...init, headers });
    },
    counted: (name) => of(name).counted,
    arrivals: (name) => of(name).arrivals,
    requests: (name) => of(name).requests,
    script: (name, ...answers) => {
      of(name).script.push(...answers);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface State {
  readonly standIn: StandIn;
  readonly counted: CountedConversion[];
  readonly keys: Set<string>;
  readonly requests: PlatformRequest[];
  readonly script: Scripted[];
  arrivals: number;
}

function newState(standIn: StandIn): State {
  return { standIn, counted: [], keys: new Set(), requests: [], script: [], arrivals: 0 };
}

async function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  hosts: ReadonlyMap<string, State>,
  now: number,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const host = String(incoming.headers['x-stand-in-host']);
  const state = hosts.get(host);
  const url = new URL(incoming.url ?? '/', `https://${host}`);
  const rawBody = Buffer.concat(chunks).toString('utf8');
  const request: PlatformRequest = {
    method: incoming.method ?? '',
    host,
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers as PlatformRequest['headers'],
    rawBody,
    body: parsed(rawBody),
    now,
  };
  if (state === undefined) {
    response.writeHead(404).end();
    return;
  }
  state.requests.push(request);
  const scripted = state.script.shift();
  if (typeof scripted === 'object') return send(response, scripted);
  if (scripted === 'silence') return;
  if (scripted === 'close') {
    incoming.socket.destroy();
    return;
  }
  const judgement = state.standIn.judge(request);
  count(state, judgement.counted ?? []);
  if (scripted === 'silent-success') return;
  if (scripted === 'close-after') {
    incoming.socket.destroy();
    return;
  }
  send(response, judgement.answer);
}

function count(state: State, conversions: readonly CountedConversion[]): void {
  state.arrivals += conversions.length;
  for (const conversion of conversions) {
    const { key } = conversion;
    if (key !== undefined && state.keys.has(key)) continue;
    if (key !== undefined) state.keys.add(key);
    state.counted.push(conversion);
  }
}

function send(response: ServerResponse, { status, headers, body }: PlatformAnswer): void {
  const isText = typeof body === 'string';
  response.writeHead(status, {
    ...(body !== undefined && { 'content-type': isText ? 'text/html' : 'application/json' }),
    ...headers,
  });
  response.end(isText || body === undefined ? body : JSON.stringify(body));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
