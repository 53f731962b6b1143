/**
 * The colour of a country by its share of the country with the most people. By the square root, because the first
 * country has a multiple of the tenth nearly always, and nobody could tell the others apart.
 */
export function shadeOf(share: number): string {
  const percent = share <= 0 ? 0 : Math.round(12 + 88 * Math.sqrt(Math.min(1, share)));
  return `color-mix(in oklab, var(--hw-most) ${percent}%, var(--hw-land))`;
}
