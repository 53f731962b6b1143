import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { beaconLimits } from './beacon-schema.ts';
import { BodyTooLargeError } from './exchange.ts';
import type { IncomingRequest } from './exchange.ts';

export type BeaconBodyRefusal = Refusal & {
  readonly code: 'body_too_large' | 'unsupported_media_type' | 'invalid_json';
};

/** The JSON of a beacon. Pages send it as text to other sites, because that needs no preflight. */
export async function readBeaconBody(
  request: IncomingRequest,
): Promise<Result<unknown, BeaconBodyRefusal>> {
  const type = request.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type !== '' && type !== 'application/json' && type !== 'text/plain') {
    return refuse('unsupported_media_type', 'Send JSON as application/json or text/plain');
  }
  let bytes: Uint8Array;
  try {
    bytes = await request.body(beaconLimits.bodyBytesMax);
  } catch (error) {
    if (!(error instanceof BodyTooLargeError)) throw error;
    return refuse('body_too_large', `The body has more than ${beaconLimits.bodyBytesMax} bytes`);
  }
  try {
    // What is no UTF-8 becomes U+FFFD, and a byte order mark goes.
    return ok(JSON.parse(decoder.decode(bytes)));
  } catch {
    return refuse('invalid_json', 'The body is not JSON');
  }
}

const decoder = new TextDecoder();
