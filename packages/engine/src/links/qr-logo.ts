import { inflateSync } from 'node:zlib';

/** A picture as rows of red, green, blue and opacity, a byte each. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

export const logoBytesMax = 256 * 1024;
const logoSideMax = 1_024;

/** Samples of a pixel by colour type (https://www.w3.org/TR/png-3/#table111). */
const samplesOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/**
 * Reads a PNG with eight bits for each sample, not interlaced. What is wrong with any other bytes is said as a rule.
 * Nothing but its pixels is kept: what is drawn later holds no other part of what somebody sent.
 */
export function readLogo(bytes: Uint8Array): Picture | string {
  if (bytes.length > logoBytesMax) return `must have at most ${logoBytesMax / 1024} KiB`;
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < 33 || file.toString('latin1', 1, 4) !== 'PNG') return 'must be a PNG';
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  const [depth, colourType, , , interlaced] = file.subarray(24, 29);
  const samples = samplesOf[colourType!];
  if (depth !== 8 || samples === undefined || interlaced !== 0)
    return 'must have eight bits for each sample and not be interlaced';
  if (width === 0 || height === 0 || width > logoSideMax || height > logoSideMax)
    return `must be at most ${logoSideMax} pixels wide and high`;
  const { data, palette, opacity } = readChunks(file);
  try {
    const lengthMax = (width * samples + 1) * height;
    const raw = inflateSync(data, { maxOutputLength: lengthMax });
    if (raw.length !== lengthMax) return 'is cut off';
    const rows = unfilter(raw, { width, height, samples });
    return { width, height, pixels: toPixels(rows, { samples, colourType, palette, opacity }) };
  } catch {
    return 'is damaged';
  }
}

function readChunks(file: Buffer): { data: Buffer; palette: Buffer; opacity: Buffer } {
  const data: Buffer[] = [];
  let palette = Buffer.alloc(0);
  let opacity = Buffer.alloc(0);
  for (let at = 8; at + 12 <= file.length;) {
    const length = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    const body = file.subarray(at + 8, at + 8 + length);
    if (type === 'IDAT') data.push(body);
    if (type === 'PLTE') palette = Buffer.from(body);
    if (type === 'tRNS') opacity = Buffer.from(body);
    at += length + 12;
  }
  return { data: Buffer.concat(data), palette, opacity };
}

/** https://www.w3.org/TR/png-3/#9Filters */
function unfilter(
  raw: Buffer,
  { width, height, samples }: { width: number; height: number; samples: number },
): Uint8Array {
  const bytesInRow = width * samples;
  const rows = new Uint8Array(bytesInRow * height);
  for (let row = 0; row < height; row += 1) {
    const filter = raw[row * (bytesInRow + 1)]!;
    if (filter > 4) throw new RangeError('There is no such filter.');
    for (let column = 0; column < bytesInRow; column += 1) {
      const at = row * bytesInRow + column;
      const left = column >= samples ? rows[at - samples]! : 0;
      const up = row > 0 ? rows[at - bytesInRow]! : 0;
      const corner = row > 0 && column >= samples ? rows[at - bytesInRow - samples]! : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]!;
      rows[at] = raw[row * (bytesInRow + 1) + 1 + column]! + guess;
    }
  }
  return rows;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function toPixels(
  rows: Uint8Array,
  {
    samples,
    colourType,
    palette,
    opacity,
  }: { samples: number; colourType: number | undefined; palette: Buffer; opacity: Buffer },
): Uint8Array {
  const count = rows.length / samples;
  const pixels = new Uint8Array(count * 4);
  for (let index = 0; index < count; index += 1) {
    const [first = 0, second = 0, third = 0, fourth = 255] = rows.subarray(
      index * samples,
      (index + 1) * samples,
    );
    if (colourType === 3) {
      if (first * 3 + 2 >= palette.length) throw new RangeError('There is no such colour.');
      pixels.set([...palette.subarray(first * 3, first * 3 + 3), opacity[first] ?? 255], index * 4);
    } else if (samples <= 2) {
      pixels.set([first, first, first, samples === 2 ? second : 255], index * 4);
    } else {
      pixels.set([first, second, third, samples === 4 ? fourth : 255], index * 4);
    }
  }
  return pixels;
}
