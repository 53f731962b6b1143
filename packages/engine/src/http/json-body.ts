import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';

export interface JsonBody {
  readonly bytes: Uint8Array;
  readonly value: unknown;
}

export type JsonBodyRefusal = Refusal & {
  readonly code: 'malformed_json' | 'body_too_large' | 'unsupported_media_type';
};

const noBytes = new Uint8Array(0);

/** Reads a body of JSON. An empty one is `undefined`, whatever type it claims to have. */
export async function readJsonBody(
  request: Request,
  bytesMax: number,
): Promise<Result<JsonBody, JsonBodyRefusal>> {
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) return tooLarge(bytesMax);
  const bytes = await readBytes(request.body, bytesMax);
  if (bytes === undefined) return tooLarge(bytesMax);
  if (bytes.byteLength === 0) return ok({ bytes, value: undefined });

  const encoding = request.headers.get('content-encoding') ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    return refuse('unsupported_media_type', 'Bodies are not taken compressed');
  }
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
    return refuse(
      'unsupported_media_type',
      'The Content-Type of the body must be application/json',
    );
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse('malformed_json', 'The body is not valid UTF-8');
  }
  try {
    return ok({ bytes, value: JSON.parse(text) as unknown });
  } catch {
    return refuse('malformed_json', 'The body is not valid JSON');
  }
}

async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  bytesMax: number,
): Promise<Uint8Array | undefined> {
  if (body === null) return noBytes;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.byteLength;
    if (length > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length);
}

function tooLarge(bytesMax: number): JsonBodyRefusal {
  return refuse('body_too_large', `The body has more than ${bytesMax} bytes`);
}
