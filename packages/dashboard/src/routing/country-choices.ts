import { countryCodes } from '../format/country-codes.ts';
import { countryName } from '../format/place.ts';

/** Every country by its name, for a list to choose from. */
export function countryChoices(): { value: string; label: string }[] {
  return countryCodes
    .map((value) => ({ value, label: countryName(value) }))
    .toSorted((one, other) => one.label.localeCompare(other.label));
}
