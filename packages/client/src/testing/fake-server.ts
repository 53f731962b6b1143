/** What the fake server got. */
export interface ReceivedRequest {
  readonly method: string;
  /** With the query, without the host. */
  readonly path: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; the text where it is none. */
  readonly body: unknown;
}

/** What the fake server answers to one request. */
export interface ScriptedAnswer {
  /** @default 202 */
  status?: number;
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string is sent as it is. */
  body?: unknown;
}

/** How one request ends: with an answer, with a connection that is refused, or not at all. */
export type Ending = ScriptedAnswer | 'refused' | 'silence';

/** One line of the script. A bare status comes with the body that the document shows for it. */
export type ScriptLine = number | Ending | ((request: ReceivedRequest) => Ending);

export interface FakeServer {
  /** Give this to a client as its `fetch`. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Every request, the oldest first. */
  readonly requests: readonly ReceivedRequest[];
  /** The events of all requests, batches included, as often as they came. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
  /** Adds lines to the script. */
  script(...lines: readonly ScriptLine[]): void;
  /** Takes a request and answers how it ends; for servers that are no `fetch`. */
  receive(request: ReceivedRequest): Ending;
}

/**
 * A tracking endpoint that follows a script, one line for each request. When the script is over it accepts everything,
 * and tells which events it had accepted before.
 *
 * @example
 * const server = createFakeServer(503, { status: 429, headers: { 'Retry-After': '45' } });
 * const tracking = createTracking({ ...options, fetch: server.fetch, time: createFakeTime() });
 */
export function createFakeServer(...lines: readonly ScriptLine[]): FakeServer {
  const script = [...lines];
  const requests: ReceivedRequest[] = [];
  const events: Readonly<Record<string, unknown>>[] = [];
  const accepted = new Set<string>();

  function receive(request: ReceivedRequest): Ending {
    requests.push(request);
    events.push(...eventsIn(request.body));
    const line = script.shift() ?? accept;
    if (typeof line === 'number') return line === 202 ? accept(request) : documented(line);
    return typeof line === 'function' ? line(request) : line;
  }

  function accept({ body }: ReceivedRequest): ScriptedAnswer {
    const duplicates = eventsIn(body).map((event) => {
      const { event_type: type, action = 'add', event_id: id } = event;
      const key = JSON.stringify([type, action, id]);
      const isDuplicate = accepted.has(key);
      accepted.add(key);
      return isDuplicate;
    });
    if (!isBatch(body))
      return { body: { status: 'accepted', ...(duplicates[0] === true && { duplicate: true }) } };
    const results = duplicates.map((isDuplicate, index) => ({
      index,
      status: 'ok',
      outcome: isDuplicate ? 'duplicate' : 'accepted',
    }));
    return { body: { results } };
  }

  async function fakeFetch(url: string, init: RequestInit): Promise<Response> {
    const { pathname, search } = new URL(url);
    const ending = receive({
      method: init.method ?? 'GET',
      path: pathname + search,
      headers: Object.fromEntries(new Headers(init.headers)),
      body: parseBody(typeof init.body === 'string' ? init.body : ''),
    });
    if (ending === 'refused') throw new TypeError('connection refused');
    if (ending === 'silence') return untilAborted(init.signal ?? undefined);
    const { status, headers, text } = written(ending);
    // A Response of these has no body, not even an empty one: https://fetch.spec.whatwg.org/#null-body-status
    return new Response([204, 205, 304].includes(status) ? null : text, { status, headers });
  }

  return {
    fetch: fakeFetch,
    requests,
    events,
    script: (...more) => void script.push(...more),
    receive,
  };
}

/** A body as the fake server shows it. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** An answer as it goes over the wire. */
export function written(answer: ScriptedAnswer): {
  status: number;
  headers: Record<string, string>;
  text: string;
} {
  const {
    status = 202,
    headers = {},
    body = status === 202 ? { status: 'accepted' } : '',
  } = answer;
  const isText = typeof body === 'string';
  return {
    status,
    headers: { ...(!isText && { 'Content-Type': 'application/json' }), ...headers },
    text: isText ? body : JSON.stringify(body),
  };
}

const messages: Readonly<Record<number, string>> = {
  401: 'Invalid token',
  403: 'Unauthorized scope',
  404: 'startup not found',
  409: 'This event id belongs to another event',
  413: 'The body is too large',
  422: 'Validation failed',
  429: 'Too many requests',
};

function documented(status: number): ScriptedAnswer {
  const error = messages[status];
  return error === undefined ? { status, body: '' } : { status, body: { error } };
}

function isBatch(body: unknown): body is { events: Readonly<Record<string, unknown>>[] } {
  return (
    typeof body === 'object' && body !== null && 'events' in body && Array.isArray(body.events)
  );
}

function eventsIn(body: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (isBatch(body)) return body.events;
  return typeof body === 'object' && body !== null && 'event_type' in body ? [body] : [];
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(new DOMException('The operation was aborted', 'AbortError'));
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
  });
}
