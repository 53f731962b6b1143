import { describe, expect, it } from 'vitest';

import { BodyTooLargeError } from './exchange.ts';
import { createForwardedReader } from './forwarded.ts';
import { toIncomingRequest } from './web-exchange.ts';

const kibibyte = 1024;
const direct = createForwardedReader({});

function post(body: RequestInit['body'], headers: Record<string, string> = {}): Request {
  const init = { method: 'POST', body: body ?? null, headers, duplex: 'half' };
  return new Request('https://go.example/hw/t/event', init);
}

/** A body without an end, of which somebody counts what is taken. */
function endless() {
  const counted = { chunks: 0, isCancelled: false };
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      counted.chunks += 1;
      controller.enqueue(new Uint8Array(16 * kibibyte));
    },
    cancel() {
      counted.isCancelled = true;
    },
  });
  return { stream, counted };
}

describe('the body of a web-standard request', () => {
  it('is read from a copy', async () => {
    const request = post('{"größe":1}');
    const body = await toIncomingRequest(request, undefined, direct).body(kibibyte);
    expect(new TextDecoder().decode(body)).toBe('{"größe":1}');
    expect(await request.text()).toBe('{"größe":1}');
    expect(await toIncomingRequest(post(null), undefined, direct).body(kibibyte)).toHaveLength(0);
  });

  it('may have as many bytes as the limit', async () => {
    const read = (size: number): Promise<Uint8Array> =>
      toIncomingRequest(post(new Uint8Array(size)), undefined, direct).body(kibibyte);
    expect(await read(kibibyte)).toHaveLength(kibibyte);
    await expect(read(kibibyte + 1)).rejects.toThrow(BodyTooLargeError);
  });

  it('is not read beyond the limit', async () => {
    const { stream, counted } = endless();
    const incoming = toIncomingRequest(post(stream), undefined, direct);
    await expect(incoming.body(64 * kibibyte)).rejects.toThrow(BodyTooLargeError);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(counted.isCancelled).toBe(true);
    expect(counted.chunks).toBeLessThan(10);
  });

  it('is not read at all where its length says that it is too large', async () => {
    const { stream, counted } = endless();
    const incoming = toIncomingRequest(
      post(stream, { 'content-length': '70000' }),
      undefined,
      direct,
    );
    await expect(incoming.body(64 * kibibyte)).rejects.toThrow(BodyTooLargeError);
    expect(counted.chunks).toBeLessThanOrEqual(1);
  });
});
