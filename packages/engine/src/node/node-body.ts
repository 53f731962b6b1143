import { BodyTooLargeError } from '../capture/exchange.ts';
import type { NodeRequest } from './node-message.ts';

/** The client has gone; there is nobody to answer. */
export class AbortedError extends Error {
  override readonly name = 'AbortedError';
}

/** The body did not arrive in time. */
export class BodyTooSlowError extends Error {
  override readonly name = 'BodyTooSlowError';
}

/** The whole body, within the limit and the time. */
export function readBody(
  message: NodeRequest,
  limit: number,
  patience: number,
): Promise<Uint8Array> {
  // Parsers that ran before us (express.json()) have consumed the stream.
  const parsed = (message as { body?: unknown }).body;
  if (message.readableEnded && parsed !== undefined) {
    const body = encodeParsed(parsed);
    return body.byteLength > limit
      ? Promise.reject(new BodyTooLargeError())
      : Promise.resolve(body);
  }
  if (Number(message.headers['content-length'] ?? 0) > limit)
    return Promise.reject(new BodyTooLargeError());

  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => {
      settle();
      reject(new BodyTooSlowError());
    }, patience);
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limit) {
        settle();
        reject(new BodyTooLargeError());
      } else {
        chunks.push(chunk);
      }
    };
    const onEnd = (): void => {
      settle();
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    };
    const onClose = (): void => {
      settle();
      reject(new AbortedError());
    };
    function settle(): void {
      clearTimeout(timer);
      message.off('data', onData).off('end', onEnd).off('error', onClose).off('close', onClose);
      if (!message.readableEnded) message.pause();
      // An abort after this moment is reported as an error that nobody else listens to.
      message.on('error', () => undefined);
    }
    if (message.destroyed && !message.readableEnded) onClose();
    else message.on('data', onData).on('end', onEnd).on('error', onClose).on('close', onClose);
  });
}

function encodeParsed(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}
