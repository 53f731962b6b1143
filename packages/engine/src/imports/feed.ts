import { finished } from 'node:stream';
import type { Duplex, Writable } from 'node:stream';

/**
 * Hands a stream one chunk, and resolves when it is through, to the error that it met. Streams that are piped throw away
 * with an error what they had made before it; who hands them their chunks keeps that.
 */
export function feed(stream: Writable, chunk: Uint8Array): Promise<Error | undefined> {
  return new Promise((resolve) => {
    // Some (zlib) never call back for a chunk that broke them.
    stream.once('error', resolve);
    stream.write(chunk, (error) => {
      stream.off('error', resolve);
      resolve(error ?? undefined);
    });
  });
}

/** The same for the end of the input. Resolves when all that comes out of the stream has come. */
export function feedEnd(stream: Duplex): Promise<Error | undefined> {
  return new Promise((resolve) => {
    finished(stream, (error) => resolve(error ?? undefined));
    stream.end();
    stream.resume();
  });
}
