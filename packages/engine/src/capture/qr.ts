import { LRUCache } from 'lru-cache';

import type { Context } from '../context.ts';
import { day } from '../kernel/clock.ts';
import { renameFields } from '../kernel/validation.ts';
import { isKey, isReservedKey } from '../links/link-key.ts';
import { drawQrCode, imageHeaders, qrText } from '../links/qr-code.ts';
import type { QrCode } from '../links/qr-code.ts';
import { qrDefaults, readQrOptions } from '../links/qr-options.ts';
import type { QrOptions } from '../links/qr-options.ts';
import type { RedirectLink } from '../links/redirect-link.ts';
import { networkOf } from './beacon-access.ts';
import { jsonResponse, limitedResponse } from './beacon-answer.ts';
import type { Headers } from './beacon-answer.ts';
import type { IncomingRequest, OutgoingResponse } from './exchange.ts';
import { expired, notFound, unavailable } from './look-up-link.ts';
import type { LookUpLink } from './look-up-link.ts';

/** Answers `GET /{key}/qr` on link domains; `undefined` for other requests. No click is counted. */
export type Qr = (request: IncomingRequest) => Promise<OutgoingResponse | undefined>;

const path = /^\/([^/?]+)\/qr(?:\?(.*))?$/s;

/** What GoodAnalytics calls the colours. */
const aliases: Partial<Record<keyof QrOptions, string>> = { color: 'fg', background: 'bg' };

const imageBytesMax = 16 * 1024 * 1024;

interface Drawing {
  readonly text: string;
  readonly options: QrOptions;
}

export function createQr(context: Context, lookUp: LookUpLink): Qr {
  const basePath = context.options.basePath ?? '/hw';
  // Anybody may ask for any size and colour, so what is kept is bounded by its bytes.
  const images = new LRUCache<string, QrCode, Drawing>({
    maxSize: imageBytesMax,
    sizeCalculation: ({ body }) => body.length,
    // An image that is pushed out while it is drawn is still answered with.
    ignoreFetchAbort: true,
    fetchMethod: (_name, _stale, { context: drawing }) => drawQrCode(drawing.text, drawing.options),
  });

  return async function answerQr(request) {
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
    const [, key = '', query = ''] = path.exec(request.target) ?? [];
    if (!isKey(key) || isReservedKey(key, basePath)) return undefined;

    const lookup = await lookUp(request.host, key);
    if (lookup === undefined) return undefined;
    if (lookup === 'unavailable') return unavailable;
    const { link } = lookup;
    if (link === undefined) {
      const limited = context.limiter.take('unknownLinks', networkOf(request));
      return limited === undefined ? notFound : limitedResponse(limited, []);
    }
    const now = context.clock.now();
    if (link.expiresAt !== null && now >= link.expiresAt) return expired;

    const options = readQuery(query);
    if (!options.ok) {
      const { message: error, code, errors } = options;
      return jsonResponse(422, { error, code, errors }, [['x-content-type-options', 'nosniff']]);
    }
    const text = qrText(link, context.options.links?.scheme);
    const name = `${text} ${Object.values(options.value).join(' ')}`;
    if (!images.has(name)) {
      const limited = context.limiter.take('qrCodes', networkOf(request));
      if (limited !== undefined) return limitedResponse(limited, []);
    }
    const image = await images.forceFetch(name, { context: { text, options: options.value } });
    return toResponse(request, image, {
      maxAge: maxAgeSeconds(link, now),
      filename: `${link.key}.${options.value.format}`,
    });
  };
}

/** Errors name a parameter as the caller wrote it. */
function readQuery(query: string): ReturnType<typeof readQrOptions> {
  const parameters = new URLSearchParams(query);
  const input: Partial<Record<keyof QrOptions, string>> = {};
  const names: Record<string, string> = {};
  for (const field of Object.keys(qrDefaults) as Array<keyof QrOptions>) {
    const alias = aliases[field];
    const written = alias !== undefined && !parameters.has(field) ? alias : field;
    const value = parameters.get(written);
    if (value === null) continue;
    input[field] = value;
    names[field] = written;
  }
  const options = readQrOptions(input);
  return options.ok ? options : renameFields(options, names);
}

/** A day at most, and never beyond the end of the link. */
function maxAgeSeconds(link: RedirectLink, now: number): number {
  const remaining = link.expiresAt === null ? day : link.expiresAt - now;
  return Math.floor(Math.min(day, remaining) / 1_000);
}

function toResponse(
  request: IncomingRequest,
  image: QrCode,
  details: { readonly maxAge: number; readonly filename: string },
): OutgoingResponse {
  const headers: Headers = [
    ['etag', image.etag],
    ['cache-control', `public, max-age=${details.maxAge}`],
    ...imageHeaders,
  ];
  if (isKnown(request.header('if-none-match'), image.etag)) return { status: 304, headers };
  return {
    status: 200,
    headers: [
      ['content-type', image.contentType],
      ['content-disposition', `inline; filename="${details.filename}"`],
      ...headers,
    ],
    body: image.body,
  };
}

/** RFC 9110 §13.1.2: a weak comparison. Our own tags hold no comma. */
function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  return (
    ifNoneMatch
      ?.split(',')
      .map((tag) => tag.trim().replace(/^W\//, ''))
      .some((tag) => tag === '*' || tag === etag) ?? false
  );
}
