import { toPlace } from './place.ts';
import type { Place, PlaceFields } from './place.ts';

/** Reads the record of a database: the fields of each vendor have names of their own. */
export type PlaceNormaliser = (record: unknown) => PlaceFields | undefined;

/**
 * MaxMind's fields (https://dev.maxmind.com/geoip/docs/databases/city-and-country), which DB-IP has too, and the flat
 * ones of ip-location-db: `country_code`, `state1`, `city`, `timezone`.
 */
export function readMaxMindRecord(record: unknown): PlaceFields | undefined {
  if (!isRecord(record)) return undefined;
  if (typeof record['country_code'] === 'string') {
    return {
      countryCode: record['country_code'],
      region: record['state1'],
      city: record['city'],
      timezone: record['timezone'],
      latitude: record['latitude'],
      longitude: record['longitude'],
    };
  }
  // Where a network has no place of its own (satellites, anonymous proxies), the country that it is registered in.
  const country = [record['country'], record['registered_country']].find(
    (candidate) => isRecord(candidate) && candidate['iso_code'] !== undefined,
  );
  const [subdivision] = Array.isArray(record['subdivisions'])
    ? (record['subdivisions'] as unknown[])
    : [];
  const location = isRecord(record['location']) ? record['location'] : {};
  return {
    countryCode: isRecord(country) ? country['iso_code'] : undefined,
    continent: englishName(record['continent']),
    region: englishName(subdivision),
    city: englishName(record['city']),
    timezone: location['time_zone'],
    latitude: location['latitude'],
    longitude: location['longitude'],
  };
}

/**
 * Reads records with a normaliser, each once: a database gives the same object for the same record as long as it
 * remembers it.
 */
export function createRecordReader(
  normalise: PlaceNormaliser,
): (record: unknown) => Place | undefined {
  const places = new WeakMap<object, { readonly place: Place | undefined }>();
  return (record) => {
    if (typeof record !== 'object' || record === null) return undefined;
    const known = places.get(record);
    if (known !== undefined) return known.place;
    const fields = normalise(record);
    const place = fields && toPlace(fields);
    places.set(record, { place });
    return place;
  };
}

function englishName(value: unknown): unknown {
  return isRecord(value) && isRecord(value['names']) ? value['names']['en'] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
