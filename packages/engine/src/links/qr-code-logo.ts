import { encodePixels } from './png.ts';
import type { Picture } from './qr-logo.ts';

/** Percent of the side of the code, without its margin, that a logo takes: well under what level H can do without. */
export const logoSizeDefault = 20;
export const logoSizeRange = { min: 10, max: 25 } as const;

/** Where a logo stands, in modules of the code with its margin. */
export interface LogoPlace {
  /** Modules that stay empty for it, from `start` up to `end`, across and down. */
  readonly start: number;
  readonly end: number;
}

/** The middle of the code; whole modules, the same number on each side. */
export function placeLogo(side: number, margin: number, size: number): LogoPlace {
  const code = side - margin * 2;
  let modules = Math.max(3, Math.floor((code * size) / 100));
  if ((code - modules) % 2 !== 0) modules -= 1;
  const start = margin + (code - modules) / 2;
  return { start, end: start + modules };
}

/** The code without what the logo covers. */
export function clearPlace(
  rows: ReadonlyArray<readonly boolean[]>,
  { start, end }: LogoPlace,
): ReadonlyArray<readonly boolean[]> {
  return rows.map((squares, row) =>
    row < start || row >= end
      ? squares
      : squares.map((isDark, column) => (column < start || column >= end) && isDark),
  );
}

/** The logo in an SVG of modules: its pixels, encoded anew. */
export async function logoElement(logo: Picture, place: LogoPlace): Promise<string> {
  const png = await encodePixels(logo);
  const box = fit(logo, place);
  return (
    `<image x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" ` +
    `href="data:image/png;base64,${png.toString('base64')}"/>`
  );
}

/** The code as pixels, with the logo over it. */
export function paintLogo(
  rows: ReadonlyArray<readonly boolean[]>,
  {
    logo,
    place,
    scale,
    color,
    background,
  }: {
    readonly logo: Picture;
    readonly place: LogoPlace;
    readonly scale: number;
    readonly color: string;
    readonly background: string;
  },
): Picture {
  const side = rows.length * scale;
  const pixels = new Uint8Array(side * side * 4);
  const [dark, light] = [Buffer.from(color, 'hex'), Buffer.from(background, 'hex')];
  const box = fit(logo, place);
  const [left, top] = [Math.round(box.x * scale), Math.round(box.y * scale)];
  const [width, height] = [Math.round(box.width * scale), Math.round(box.height * scale)];
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const isDark = rows[Math.floor(y / scale)]![Math.floor(x / scale)]!;
      const ground = isDark ? dark : light;
      const at = (y * side + x) * 4;
      const isInside = x >= left && x < left + width && y >= top && y < top + height;
      const from = isInside
        ? (Math.floor(((y - top) * logo.height) / height) * logo.width +
            Math.floor(((x - left) * logo.width) / width)) *
          4
        : -1;
      const opacity = from < 0 ? 0 : logo.pixels[from + 3]! / 255;
      for (let channel = 0; channel < 3; channel += 1) {
        const over = from < 0 ? 0 : logo.pixels[from + channel]!;
        pixels[at + channel] = Math.round(ground[channel]! * (1 - opacity) + over * opacity);
      }
      pixels[at + 3] = 255;
    }
  }
  return { width: side, height: side, pixels };
}

/** In its proportions, half a module away from the code. */
function fit(logo: Picture, { start, end }: LogoPlace) {
  const room = end - start - 1;
  const longer = Math.max(logo.width, logo.height);
  const [width, height] = [(room * logo.width) / longer, (room * logo.height) / longer];
  const middle = (start + end) / 2;
  return { x: middle - width / 2, y: middle - height / 2, width, height };
}
