import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** A file that is served as it is, compressed once and revalidated by its digest. */
export interface Asset {
  send(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export interface AssetSettings {
  readonly contentType: string;
  readonly cacheControl: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
}

/** Nothing is read before the first request. */
export function createAsset(read: () => Promise<Buffer>, settings: AssetSettings): Asset {
  let loading: Promise<Loaded> | undefined;
  return {
    async send(request, response) {
      loading ??= load(read);
      // A file that a build is just replacing is looked for again.
      loading.catch(() => (loading = undefined));
      const loaded = await loading;
      const encoding = preferredEncoding(request.headers['accept-encoding']);
      const body = loaded[encoding];
      const headers = [
        'content-type',
        settings.contentType,
        'cache-control',
        settings.cacheControl,
        'etag',
        loaded.etag,
        'vary',
        'accept-encoding',
        'x-content-type-options',
        'nosniff',
        ...(settings.headers ?? []).flat(),
      ];
      if (isCurrent(request.headers['if-none-match'], loaded.etag)) {
        response.writeHead(304, headers).end();
        return;
      }
      if (encoding !== 'identity') headers.push('content-encoding', encoding);
      headers.push('content-length', String(body.byteLength));
      response.writeHead(200, headers).end(request.method === 'HEAD' ? undefined : body);
    },
  };
}

interface Loaded {
  readonly etag: string;
  readonly identity: Buffer;
  readonly br: Buffer;
  readonly gzip: Buffer;
}

async function load(read: () => Promise<Buffer>): Promise<Loaded> {
  const identity = await read();
  // Level 11 takes seconds for a megabyte.
  const quality = identity.byteLength < 100_000 ? 11 : 5;
  const [br, gzipped] = await Promise.all([
    promisify(brotliCompress)(identity, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }),
    promisify(gzip)(identity),
  ]);
  // Weak, because the encodings share it (RFC 9110 §8.8.1).
  const etag = `W/"${createHash('sha256').update(identity).digest('base64url').slice(0, 22)}"`;
  return { etag, identity, br, gzip: gzipped };
}

function preferredEncoding(accepted: string | string[] | undefined): 'br' | 'gzip' | 'identity' {
  const names = String(accepted ?? '')
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => !/;\s*q=0(?:\.0*)?$/.test(part));
  const accepts = (name: string): boolean => names.some((part) => part.split(';')[0] === name);
  return accepts('br') ? 'br' : accepts('gzip') ? 'gzip' : 'identity';
}

function isCurrent(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const opaque = etag.slice(2);
  return header
    .split(',')
    .some(
      (candidate) => candidate.trim() === '*' || candidate.trim().replace(/^W\//, '') === opaque,
    );
}
