import { describeFault, parseRedacted } from './fault-words.ts';
import type { Settings } from './tracking-options.ts';
import { version } from './version.ts';

/** What one request came to. */
export type Attempt =
  | {
      readonly outcome: 'answered';
      readonly statusCode: number;
      readonly headers: Headers;
      /** Parsed JSON; `undefined` where the answer is none. */
      readonly body: unknown;
    }
  | { readonly outcome: 'failed'; readonly message: string }
  | { readonly outcome: 'aborted' };

/** An answer is small; what is longer comes from something else, and is not read to its end. */
const answerBytesMax = 1 << 20;

/** Makes one request, which ends with the answer's last byte, at `timeoutMs`, or with the caller's signal. */
export async function attempt(
  settings: Settings,
  request: { url: string; body: string; timeoutMs: number; signal: AbortSignal | undefined },
): Promise<Attempt> {
  const { time } = settings;
  const stop = new AbortController();
  const isOver = new AbortController();
  const abort = (): void => stop.abort();
  request.signal?.addEventListener('abort', abort, { once: true });
  const work = exchange(settings, request, stop.signal).catch((fault: unknown): Attempt => ({
    outcome: 'failed',
    message: describeFault(fault, settings.apiKey),
  }));
  const late = time.sleep(request.timeoutMs, { signal: isOver.signal }).then((): Attempt => ({
    outcome: 'failed',
    message: `request timed out after ${request.timeoutMs} ms`,
  }));
  const stopped = new Promise<Attempt>((resolve) => {
    stop.signal.addEventListener('abort', () => resolve({ outcome: 'aborted' }), { once: true });
    if (request.signal?.aborted) abort();
  });
  // A race, because a `fetch` of somebody's own may not listen to its signal.
  const result = await Promise.race([stopped, work, late]);
  isOver.abort();
  stop.abort();
  request.signal?.removeEventListener('abort', abort);
  return result;
}

async function exchange(
  settings: Settings,
  { url, body }: { url: string; body: string },
  signal: AbortSignal,
): Promise<Attempt> {
  const response = await settings.fetch(url, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${settings.apiKey}`,
      'Content-Type': 'application/json',
      Accept: 'application/json',
      'User-Agent': `headwater-client/${version}`,
    },
    body,
    // The key is for this address and for no other.
    redirect: 'manual',
    signal,
  });
  return {
    outcome: 'answered',
    statusCode: response.status,
    headers: response.headers,
    body: parseRedacted(await read(response), settings.apiKey),
  };
}

async function read(response: Response): Promise<string> {
  if (response.body === null) return '';
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let words = '';
  for (let bytes = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return words + decoder.decode();
    bytes += value.length;
    if (bytes > answerBytesMax) {
      await reader.cancel();
      return '';
    }
    words += decoder.decode(value, { stream: true });
  }
}
