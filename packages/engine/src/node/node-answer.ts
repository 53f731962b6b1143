import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { BodyTooLargeError } from '../capture/exchange.ts';
import type { OutgoingResponse } from '../capture/exchange.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import { UnavailableError } from '../kernel/errors.ts';
import type { Logger } from '../options.ts';
import { AbortedError, BodyTooSlowError } from './node-body.ts';
import type { NodeRequest, NodeResponse } from './node-message.ts';

/** Writes what the web handler answers. */
export async function writeWeb(
  message: NodeRequest,
  response: NodeResponse,
  answer: Response,
): Promise<void> {
  if (isStream(answer)) await writeStream(message, response, answer);
  else write(message, response, await fromWebResponse(answer));
}

/** Server-sent events go on until one side ends them; everything else is collected, for its length. */
function isStream(answer: Response): boolean {
  return answer.headers.get('content-type')?.startsWith('text/event-stream') === true;
}

async function writeStream(
  message: NodeRequest,
  response: NodeResponse,
  answer: Response,
): Promise<void> {
  const { body } = answer;
  if (body === null || message.method === 'HEAD' || response.destroyed) {
    await body?.cancel();
    write(message, response, { status: answer.status, headers: [...answer.headers] });
    return;
  }
  writeHead(message, response, answer.status, [...answer.headers].flat());
  asServerResponse(response).flushHeaders();
  // Whoever goes away ends the stream; that is how they all end, and no failure.
  await pipeline(Readable.fromWeb(body), response).catch(() => undefined);
}

async function fromWebResponse(response: Response): Promise<OutgoingResponse> {
  const headers: [string, string][] = [];
  // Iterating gives every `set-cookie` by itself, all others joined.
  response.headers.forEach((value, name) => headers.push([name, value]));
  return response.body === null
    ? { status: response.status, headers }
    : { status: response.status, headers, body: new Uint8Array(await response.arrayBuffer()) };
}

/** Writes an answer, where none was begun and somebody is there. */
export function write(
  message: NodeRequest,
  response: NodeResponse,
  answer: OutgoingResponse,
): void {
  if (response.headersSent || response.destroyed) return;
  const { status, body } = answer;
  const headers: string[] = [];
  let length = false;
  for (const [name, value] of answer.headers) {
    headers.push(name, value);
    length ||= name === 'content-length';
  }
  if (
    !length &&
    status !== 204 &&
    status !== 304 &&
    status >= 200 &&
    !(message.method === 'HEAD' && body === undefined)
  ) {
    const size =
      body === undefined ? 0 : typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
    headers.push('content-length', String(size));
  }
  // What is left of a refused body is not read: the connection ends with this answer.
  if (
    !isHttp2(message) &&
    !message.complete &&
    message.method !== 'GET' &&
    message.method !== 'HEAD'
  )
    headers.push('connection', 'close');
  writeHead(message, response, status, headers);
  asServerResponse(response).end(message.method === 'HEAD' ? undefined : body);
}

/** Node's HTTP/2 keeps the last of several headers with one name in a list, and all of them in an object. */
function writeHead(
  message: NodeRequest,
  given: NodeResponse,
  status: number,
  headers: readonly string[],
): void {
  const response = asServerResponse(given);
  if (!isHttp2(message)) {
    response.writeHead(status, [...headers]);
    return;
  }
  const byName: Record<string, string[]> = {};
  for (let index = 0; index < headers.length; index += 2)
    (byName[headers[index]!] ??= []).push(headers[index + 1]!);
  for (const [name, values] of Object.entries(byName))
    response.setHeader(name, values.length === 1 ? values[0]! : values);
  response.writeHead(status);
}

/** Node's HTTP/2 has what is used of it here too, and declares it otherwise. */
function asServerResponse(response: NodeResponse): ServerResponse {
  return response as ServerResponse;
}

/** Its connections carry many requests: none of them closes one. */
function isHttp2(message: NodeRequest): boolean {
  return message.httpVersionMajor === 2;
}

/** Answers what went wrong, without its details. */
export function fail(
  logger: Logger | undefined,
  message: NodeRequest,
  response: NodeResponse,
  error: unknown,
): void {
  if (error instanceof AbortedError) {
    response.destroy();
  } else if (error instanceof BodyTooLargeError) {
    write(message, response, refusal(413, 'body_too_large', 'The body is too large.'));
  } else if (error instanceof BodyTooSlowError) {
    write(message, response, refusal(408, 'request_timeout', 'The body took too long to arrive.'));
  } else if (error instanceof UnavailableError) {
    const retry: readonly [string, string] = ['retry-after', String(error.retryAfterSeconds)];
    write(message, response, refusal(503, 'unavailable', 'Not available at the moment.', retry));
  } else {
    logger?.error('a request failed', {
      method: message.method,
      error: describeFault(error),
    });
    if (response.headersSent) response.destroy();
    else
      write(message, response, refusal(500, 'internal_error', 'Something went wrong on our side.'));
  }
}

/** An error in the one form. */
export function refusal(
  status: number,
  code: string,
  error: string,
  ...headers: (readonly [string, string])[]
): OutgoingResponse {
  return {
    status,
    headers: [['content-type', 'application/json'], ...headers],
    body: JSON.stringify({ error, code }),
  };
}
