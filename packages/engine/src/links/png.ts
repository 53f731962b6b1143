import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';

const compress = promisify(deflate);

/** https://www.w3.org/TR/png-3/#5PNG-file-signature */
const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export interface Bitmap {
  /** Rows of squares; what is true has the colour. */
  readonly rows: ReadonlyArray<readonly boolean[]>;
  /** Pixels of one square. */
  readonly scale: number;
  /** Six hexadecimal digits each. */
  readonly color: string;
  readonly background: string;
}

/** A PNG of two colours, one bit for each pixel (https://www.w3.org/TR/png-3/#11PLTE). */
export async function encodePng({ rows, scale, color, background }: Bitmap): Promise<Buffer> {
  const width = (rows[0]?.length ?? 0) * scale;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(rows.length * scale, 4);
  // One bit, indices into a palette; the only compression and filter methods, not interlaced.
  header.set([1, 3, 0, 0, 0], 8);

  const bytesInRow = 1 + Math.ceil(width / 8);
  const pixels = Buffer.alloc(bytesInRow * rows.length * scale);
  rows.forEach((squares, row) => {
    const start = row * scale * bytesInRow;
    squares.forEach((isDark, column) => {
      if (!isDark) return;
      for (let x = column * scale; x < (column + 1) * scale; x += 1)
        pixels[start + 1 + (x >> 3)]! |= 0x80 >> (x & 7);
    });
    // The other rows of these squares are the same: filter 2 says by how much they differ from the row above.
    for (let repeat = 1; repeat < scale; repeat += 1) pixels[start + repeat * bytesInRow] = 2;
  });

  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(background + color, 'hex')),
    chunk('IDAT', await compress(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** https://www.w3.org/TR/png-3/#5Chunk-layout */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

/** A PNG of pixels of red, green, blue and opacity, a byte each. */
export async function encodePixels({
  width,
  height,
  pixels,
}: {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}): Promise<Buffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits, true colour with opacity; the only compression and filter methods, not interlaced.
  header.set([8, 6, 0, 0, 0], 8);
  const bytesInRow = width * 4;
  const rows = Buffer.alloc((bytesInRow + 1) * height);
  for (let row = 0; row < height; row += 1)
    rows.set(pixels.subarray(row * bytesInRow, (row + 1) * bytesInRow), row * (bytesInRow + 1) + 1);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', await compress(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
