import { once } from 'node:events';

/** Writes a stream in the pace of whoever reads standard output, which stays open. */
export async function pipe(stream: ReadableStream<Uint8Array>): Promise<void> {
  for await (const chunk of stream)
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
}
