import { continentName, countryName, isCountryCode } from './country.ts';

/** Where a request came from, as exactly as the database knows. Names are English. */
export interface Place {
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string;
  /** Of the code: databases differ in what they call a country, some even from record to record. */
  readonly country: string;
  readonly continent?: string;
  /** The state, the province: the first division of the country. */
  readonly region?: string;
  readonly city?: string;
  /** IANA: `Europe/Berlin`. */
  readonly timezone?: string;
  /** Degrees; of the city, never of the person. */
  readonly latitude?: number;
  readonly longitude?: number;
}

/** What a database or a header says: any of it may be missing, of another type, or nonsense. */
export type PlaceFields = { readonly [Field in Exclude<keyof Place, 'country'>]?: unknown };

const textLengthMax = 128;

/** The place of these fields; `undefined` without a country. A field that cannot be is left out. */
export function toPlace(fields: PlaceFields): Place | undefined {
  const countryCode =
    typeof fields.countryCode === 'string' ? fields.countryCode.toUpperCase() : '';
  if (!isCountryCode(countryCode)) return undefined;
  const continent = readText(fields.continent);
  const region = readText(fields.region);
  const city = readText(fields.city);
  const timezone = readText(fields.timezone);
  const latitude = readDegrees(fields.latitude, 90);
  const longitude = readDegrees(fields.longitude, 180);
  return {
    countryCode,
    country: countryName(countryCode),
    ...(continent !== undefined && { continent: continentName(continent) }),
    ...(region !== undefined && { region }),
    ...(city !== undefined && { city }),
    ...(timezone !== undefined && /^[\w+/-]+$/.test(timezone) && { timezone }),
    // One without the other is a line around the world.
    ...(latitude !== undefined && longitude !== undefined && { latitude, longitude }),
  };
}

function readText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  const isPrintable = text !== '' && text.isWellFormed() && !/\p{Cc}/u.test(text);
  return isPrintable ? text.slice(0, textLengthMax).toWellFormed() : undefined;
}

function readDegrees(value: unknown, most: number): number | undefined {
  const degrees = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof degrees !== 'number' || !(Math.abs(degrees) <= most)) return undefined;
  // JSON has no negative zero.
  return degrees === 0 ? 0 : degrees;
}
