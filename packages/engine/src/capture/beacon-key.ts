import { readBeaconBody } from './beacon-body.ts';
import { asFields } from './beacon-schema.ts';
import type { IncomingRequest } from './exchange.ts';

/** The publishable key that is known before the body is read: of the query, else of the header that the API takes too. */
export function keyBesideBody(request: IncomingRequest): string | undefined {
  const question = request.target.indexOf('?');
  const inQuery =
    question === -1 ? null : new URLSearchParams(request.target.slice(question)).get('key');
  return inQuery ?? request.header('x-api-key');
}

/** In the body of a click, `key` is the key of the link. */
export function keyInBody(name: string, body: unknown): string | undefined {
  const key = asFields(body)?.[name === 'click' ? 'api_key' : 'key'];
  return typeof key === 'string' ? key : undefined;
}

/** The key of a request that is looked at no further. */
export async function readKey(name: string, request: IncomingRequest): Promise<string | undefined> {
  const beside = keyBesideBody(request);
  if (beside !== undefined) return beside;
  const body = await readBeaconBody(request);
  return body.ok ? keyInBody(name, body.value) : undefined;
}
