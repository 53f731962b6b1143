import { createHash } from 'node:crypto';

import { encodeQR } from 'qr';

import { encodePixels, encodePng } from './png.ts';
import { clearPlace, logoElement, paintLogo, placeLogo } from './qr-code-logo.ts';
import type { Picture } from './qr-logo.ts';
import type { QrOptions } from './qr-options.ts';
import { shortUrl } from './short-url.ts';
import type { Link } from './link.ts';

export interface QrCode {
  readonly contentType: string;
  readonly body: string | Uint8Array;
  /** A strong validator of the body, in its quotes (RFC 9110 §8.8.3). */
  readonly etag: string;
}

/** What a QR code of a link says: `qr=1` marks the click as a scan. */
export function qrText(
  link: Pick<Link, 'domain' | 'key'>,
  scheme: 'http' | 'https' | undefined,
): string {
  return `${shortUrl(link, scheme)}?qr=1`;
}

/** The same text and options always give the same bytes. */
export async function drawQrCode(
  text: string,
  options: QrOptions,
  logo?: { readonly picture: Picture; readonly size: number },
): Promise<QrCode> {
  const { format } = options;
  const body =
    logo === undefined
      ? await draw(modulesOf(text, options), options)
      : await drawWithLogo(text, options, logo);
  return {
    contentType: format === 'png' ? 'image/png' : 'image/svg+xml; charset=utf-8',
    body,
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
  };
}

function draw(
  rows: ReadonlyArray<readonly boolean[]>,
  { format, size: scale, color, background }: QrOptions,
): Promise<Uint8Array> | string {
  return format === 'png'
    ? encodePng({ rows, scale, color, background })
    : toSvg(rows, { scale, color, background });
}

/** What the logo hides is made up for by the highest error correction. */
async function drawWithLogo(
  text: string,
  options: QrOptions,
  { picture: logo, size }: { readonly picture: Picture; readonly size: number },
): Promise<Uint8Array | string> {
  const { format, size: scale, color, background, margin } = options;
  const whole = modulesOf(text, { ...options, ec: 'high' });
  const place = placeLogo(whole.length, margin, size);
  const rows = clearPlace(whole, place);
  return format === 'png'
    ? encodePixels(paintLogo(rows, { logo, place, scale, color, background }))
    : toSvg(rows, { scale, color, background }, await logoElement(logo, place));
}

/**
 * Nothing may be loaded or run where an SVG is opened by itself, and no page may frame it; every page may show it as an
 * image.
 */
export const imageHeaders: ReadonlyArray<readonly [name: string, value: string]> = [
  ['x-content-type-options', 'nosniff'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'; sandbox"],
  ['x-frame-options', 'DENY'],
  ['cross-origin-resource-policy', 'cross-origin'],
];

function modulesOf(
  text: string,
  { ec: ecc, margin }: QrOptions,
): ReadonlyArray<readonly boolean[]> {
  // The encoder leaves a margin of one at least.
  const rows = encodeQR(text, 'raw', { ecc, border: Math.max(margin, 1) });
  return margin > 0 ? rows : rows.slice(1, -1).map((row) => row.slice(1, -1));
}

function toSvg(
  rows: ReadonlyArray<readonly boolean[]>,
  { scale, color, background }: { scale: number; color: string; background: string },
  above = '',
): string {
  const side = rows.length;
  const path = rows.flatMap(darkRuns).join('');
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${side * scale}" height="${side * scale}" ` +
    `viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">` +
    `<path fill="#${background}" d="M0 0h${side}v${side}H0z"/><path fill="#${color}" d="${path}"/>${above}</svg>`
  );
}

/** The dark squares of a row that touch each other are one rectangle. */
function darkRuns(squares: readonly boolean[], row: number): string[] {
  const runs: string[] = [];
  for (let column = 0; column < squares.length; column += 1) {
    if (squares[column] !== true) continue;
    const start = column;
    while (squares[column + 1] === true) column += 1;
    const length = column + 1 - start;
    runs.push(`M${start} ${row}h${length}v1h-${length}z`);
  }
  return runs;
}
