/**
 * The active currency codes of ISO 4217 (list one, amendment 180; https://www.six-group.com/en/products-services/financial-information/data-standards.html)
 * by the number of decimals of their minor unit. Codes without a minor unit (XAU, XDR, XXX …) are no money here.
 */
const codesByExponent: ReadonlyArray<readonly [exponent: number, codes: string]> = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [
    2,
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF ' +
      'CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG ' +
      'HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR ' +
      'MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD ' +
      'SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD ' +
      'XCG YER ZAR ZMW ZWG',
  ],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
];

const exponents: ReadonlyMap<string, number> = new Map(
  codesByExponent.flatMap(([exponent, codes]) =>
    codes.split(' ').map((code) => [code, exponent] as const),
  ),
);

/** The largest amount of one event, in minor units: ten trillion dollars, and its sums stay far inside a bigint column. */
export const amountMinorMax = 1_000_000_000_000_000n;

export interface Money {
  /** Minor units: cents of a dollar, yen, thousandths of a dinar. */
  readonly amountMinor: bigint;
  /** ISO 4217, upper case. */
  readonly currency: string;
}

/** @public */
export const currencies: readonly string[] = [...exponents.keys()].toSorted();

export function isCurrency(code: unknown): code is string {
  return typeof code === 'string' && exponents.has(code);
}

/**
 * How many decimals the minor unit has: 2 for USD, 0 for JPY, 3 for KWD; `undefined` for what is no currency.
 * @public
 */
export function exponentOf(currency: string): number | undefined {
  return exponents.get(currency);
}

export function isAmountMinor(amount: bigint): boolean {
  return amount >= 0n && amount <= amountMinorMax;
}

/**
 * Reads a decimal amount, `"49.90"`, into minor units; `undefined` where it has more decimals than the currency.
 * @public
 */
export function parseMoney(decimal: string, currency: string): Money | undefined {
  const exponent = exponents.get(currency);
  const parts = /^(\d{1,16})(?:\.(\d{1,4}))?$/.exec(decimal);
  if (exponent === undefined || parts === null) return undefined;
  const [, whole = '', fraction = ''] = parts;
  if (fraction.length > exponent) return undefined;
  const amountMinor = BigInt(whole + fraction.padEnd(exponent, '0'));
  return isAmountMinor(amountMinor) ? { amountMinor, currency } : undefined;
}

/**
 * The decimal form without a sign or grouping: `4990` USD is `"49.90"`, `4990` JPY is `"4990"`.
 * @public
 */
export function formatMoney(money: Money): string {
  const exponent = exponents.get(money.currency) ?? 0;
  const sign = money.amountMinor < 0n ? '-' : '';
  const digits = (money.amountMinor < 0n ? -money.amountMinor : money.amountMinor)
    .toString()
    .padStart(exponent + 1, '0');
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
