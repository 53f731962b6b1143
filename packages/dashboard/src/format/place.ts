const names = new Intl.DisplayNames(undefined, { type: 'region' });

/** The name of a country by its code (ISO 3166-1 alpha-2), or what was given. */
export function countryName(code: string): string {
  try {
    return names.of(code) ?? code;
  } catch {
    // What is no code stays as it is.
    return code;
  }
}

/** The flag as two regional indicator symbols (Unicode UTS #51 §1.5). */
export function countryFlag(code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return '';
  return String.fromCodePoint(...[0, 1].map((place) => 0x1f1e6 + code.charCodeAt(place) - 65));
}
