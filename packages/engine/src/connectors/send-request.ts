import type { DeliveryPorts, OutgoingRequest, PlatformResponse } from './connector.ts';

/** What a platform says fits in a few kilobytes; per-row errors of 5,000 rows in some more. */
const answerBytesMax = 1_048_576;

export type SendAnswer =
  | { readonly ok: true; readonly response: PlatformResponse }
  | {
      readonly ok: false;
      readonly failure: SendFailure;
      readonly message: string;
    };

/** `unreachable` and `refused` (an address that nothing may be sent to): nothing was sent. The others may have arrived. */
export type SendFailure = 'unreachable' | 'refused' | 'timeout' | 'closed';

/** Sends one request and reads its answer; redirects are answers. What the network does is a value, never a fault. */
export async function sendRequest(
  request: OutgoingRequest,
  ports: DeliveryPorts,
): Promise<SendAnswer> {
  const { method, url, body } = request;
  const headers = new Headers(request.headers);
  if (body !== undefined && !headers.has('content-type'))
    headers.set('content-type', 'application/json');
  try {
    const response = await ports.fetch(url, {
      method,
      headers,
      redirect: 'manual',
      signal: ports.signal,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { ok: true, response: await readResponse(response) };
  } catch (error) {
    return { ok: false, ...failureOf(error, ports.signal) };
  }
}

async function readResponse(response: Response): Promise<PlatformResponse> {
  const text = await readText(response);
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: parsed(text),
  };
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  const chunks: AsyncIterable<Uint8Array> | undefined = response.body ?? undefined;
  for await (const chunk of chunks ?? []) {
    bytes += chunk.byteLength;
    if (bytes > answerBytesMax) break;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Where the connection was not even made; undici's fetch puts the system's code into the cause. */
const unreachableCodes: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

function failureOf(
  error: unknown,
  signal: AbortSignal,
): { readonly failure: SendFailure; readonly message: string } {
  if (signal.aborted) return { failure: 'timeout', message: 'There was no answer in time.' };
  const codes = codesOf(error);
  if (codes.includes('ERR_REFUSED_ADDRESS'))
    return { failure: 'refused', message: 'Nothing may be sent to this address.' };
  if (codes.some((code) => unreachableCodes.has(code)))
    return { failure: 'unreachable', message: `No connection: ${codes.join(', ')}.` };
  // The text of the error may quote the URL, and with it a token.
  return { failure: 'closed', message: ['The connection broke', ...codes].join(': ') };
}

function codesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  const own = (error as { readonly code?: unknown }).code;
  const inner = error instanceof AggregateError ? error.errors.flatMap(codesOf) : [];
  return [...(typeof own === 'string' ? [own] : []), ...inner, ...codesOf(error.cause)];
}
