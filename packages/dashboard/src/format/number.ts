import type { Money } from '@headwater/client/api';

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
const compact = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });
const change = new Intl.NumberFormat(undefined, {
  style: 'percent',
  maximumFractionDigits: 0,
  signDisplay: 'exceptZero',
});

/** What stands where there is nothing to say. */
export const nothing = '–';

export function formatNumber(value: number | null | undefined): string {
  return value == null ? nothing : whole.format(value);
}

/** For shares of conversions, which are seldom whole. */
export function formatDecimal(value: number | null | undefined): string {
  return value == null ? nothing : fine.format(value);
}

export function formatCompact(value: number | null | undefined): string {
  return value == null ? nothing : compact.format(value);
}

export function formatPercent(value: number | null | undefined): string {
  return value == null ? nothing : percent.format(value);
}

/** How much more or less than before; `undefined` where there was nothing before. */
export function formatChange(now: number, before: number): string | undefined {
  return before === 0 ? undefined : change.format(now / before - 1);
}

/** The money of an amount in minor units, by the exponent that ISO 4217 gives its currency. */
export function formatMoney({ currency, amount }: Money): string {
  const format = moneyFormat(currency);
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** As short as an axis needs it. */
export function formatMoneyCompact({ currency, amount }: Money): string {
  return new Intl.NumberFormat(undefined, {
    style: 'currency',
    currency,
    notation: 'compact',
    maximumFractionDigits: 1,
  }).format(amount / 10 ** (moneyFormat(currency).resolvedOptions().maximumFractionDigits ?? 2));
}

/** An amount of a currency, in minor units, or of a unit of one's own, which has no decimals. */
export function formatAmount(amount: number, unit: string): string {
  return /^[A-Z]{3}$/.test(unit)
    ? formatMoney({ currency: unit, amount })
    : `${whole.format(amount)} ${unit}`;
}

/** How many minor units one of a currency has; a unit of one's own has no others. */
export function minorUnitsOf(unit: string): number {
  if (!/^[A-Z]{3}$/.test(unit)) return 1;
  return 10 ** (moneyFormat(unit).resolvedOptions().maximumFractionDigits ?? 2);
}

/** Every currency by itself: sums of different ones mean nothing. */
export function formatMoneys(moneys: readonly Money[] | null | undefined): string {
  return moneys == null || moneys.length === 0 ? nothing : moneys.map(formatMoney).join(' + ');
}

const formats = new Map<string, Intl.NumberFormat>();

function moneyFormat(currency: string): Intl.NumberFormat {
  let format = formats.get(currency);
  if (format === undefined) {
    format = new Intl.NumberFormat(undefined, { style: 'currency', currency });
    formats.set(currency, format);
  }
  return format;
}

/** `1m 42s`. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds == null) return nothing;
  const rounded = Math.round(seconds);
  const parts: [number, string][] = [
    [Math.floor(rounded / 86_400), 'day'],
    [Math.floor(rounded / 3600) % 24, 'hour'],
    [Math.floor(rounded / 60) % 60, 'minute'],
    [rounded % 60, 'second'],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return formatUnit(0, 'second');
  return parts
    .slice(first, first + 2)
    .filter(([value], index) => index === 0 || value > 0)
    .map(([value, unit]) => formatUnit(value, unit))
    .join(' ');
}

function formatUnit(value: number, unit: string): string {
  return new Intl.NumberFormat(undefined, { style: 'unit', unit, unitDisplay: 'narrow' }).format(
    value,
  );
}
