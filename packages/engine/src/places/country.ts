/** ISO 3166-1 alpha-2 as of 2026, and Kosovo's `XK`, which everybody uses. */
const codes = new Set(
  (
    'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ ' +
    'CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR ' +
    'GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT ' +
    'JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO ' +
    'MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY ' +
    'QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO ' +
    'TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW'
  ).split(' '),
);

/** Whether the text is the code of a country: upper case, and none of the codes that only say "unknown". */
export function isCountryCode(text: string): boolean {
  return codes.has(text);
}

const names = new Map<string, string>();
let english: Intl.DisplayNames | undefined;

/** The country's English name (CLDR). */
export function countryName(code: string): string {
  let name = names.get(code);
  if (name === undefined) {
    english ??= new Intl.DisplayNames('en', { type: 'region' });
    name = english.of(code) ?? code;
    names.set(code, name);
  }
  return name;
}

const continents: Readonly<Record<string, string>> = {
  AF: 'Africa',
  AN: 'Antarctica',
  AS: 'Asia',
  EU: 'Europe',
  NA: 'North America',
  OC: 'Oceania',
  SA: 'South America',
};

/** The continent's English name for its two-letter code; any other text stays as it is. */
export function continentName(text: string): string {
  return Object.hasOwn(continents, text) ? (continents[text] ?? text) : text;
}
