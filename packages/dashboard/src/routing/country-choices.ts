import { countryCodes } from '../format/country-codes.ts';
import { countryName } from '../format/place.ts';

interface Choice {
  readonly value: string;
  readonly label: string;
}

let choices: Choice[] | undefined;

/** Every country by its name, for a list to choose from. A form asks with every key that is pressed. */
export function countryChoices(): Choice[] {
  choices ??= makeChoices();
  return choices;
}

function makeChoices(): Choice[] {
  const { compare } = new Intl.Collator();
  return countryCodes
    .map((value) => ({ value, label: countryName(value) }))
    .toSorted((one, other) => compare(one.label, other.label));
}
