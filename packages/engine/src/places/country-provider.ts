import { fileURLToPath } from 'node:url';

import { isSpecialAddress } from './address.ts';
import { createRecordReader, readMaxMindRecord } from './normalise-record.ts';
import { openPlaceFile } from './place-file.ts';
import type { PlaceFile } from './place-file.ts';
import type { PlaceProvider } from './provider.ts';

const countryDatabase = '@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb';

/**
 * The countries of the database that is installed with Headwater: 8 MB, read with the first use.
 * Its data is in the public domain but for the parts that the NRO asks to be named for (docs/places.md).
 */
export function createCountryProvider(): PlaceProvider {
  const readRecord = createRecordReader(readMaxMindRecord);
  let file: PlaceFile | undefined;
  return {
    locate(address) {
      // The registries' data has the networks for documentation in the country of their registry.
      return file === undefined || isSpecialAddress(address)
        ? undefined
        : readRecord(file.find(address));
    },
    async load() {
      file = await openCountries();
    },
  };
}

// It is the same for every engine of a process, and never changes.
let countries: Promise<PlaceFile> | undefined;

function openCountries(): Promise<PlaceFile> {
  countries ??= readCountries();
  countries.catch(() => (countries = undefined));
  return countries;
}

async function readCountries(): Promise<PlaceFile> {
  const path = fileURLToPath(import.meta.resolve(countryDatabase));
  return (await openPlaceFile(path)).file;
}
