import { given } from '../kernel/given.ts';
import { parseMoney } from '../kernel/money.ts';
import type { ConversionItem } from './outgoing-conversion.ts';

const itemsMax = 100;

/**
 * What was bought, from the property `items` of an event: a list of `{ id, name?, category?, brand?, price?, quantity? }`
 * with prices in major units, as pages have it for GA4. Entries without an id are left out.
 */
export function readItems(
  value: unknown,
  currency: string | null,
): readonly ConversionItem[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = value.slice(0, itemsMax).flatMap((entry) => readItem(entry, currency) ?? []);
  return items.length === 0 ? undefined : items;
}

function readItem(entry: unknown, currency: string | null): ConversionItem | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const fields = entry as Readonly<Record<string, unknown>>;
  const id = readText(fields['id'] ?? fields['item_id']);
  if (id === undefined) return undefined;
  const quantity = fields['quantity'];
  const price = fields['price'];
  const money =
    currency === null || (typeof price !== 'number' && typeof price !== 'string')
      ? undefined
      : parseMoney(String(price), currency);
  return {
    id,
    ...given({
      name: readText(fields['name'] ?? fields['item_name']),
      category: readText(fields['category'] ?? fields['item_category']),
      brand: readText(fields['brand'] ?? fields['item_brand']),
      priceMinor: money?.amountMinor,
      quantity: typeof quantity === 'number' && quantity > 0 ? quantity : undefined,
    }),
  };
}

function readText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' && value.length <= 255 ? value : undefined;
}
