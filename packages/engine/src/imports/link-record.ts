/** One row of an export, whatever its columns are called: `Long URL`, `long_url` and `longUrl` are one name. */
export interface LinkRecord {
  /** Text that is not empty, of the first of these columns that has any. */
  text(...names: readonly string[]): string | undefined;
  /** The value as it is. */
  value(...names: readonly string[]): unknown;
  flag(...names: readonly string[]): boolean;
  number(...names: readonly string[]): number | undefined;
  /** A list, or text that is divided by commas or bars; of objects their `name`. */
  list(...names: readonly string[]): readonly string[];
  /** Columns that have a value and were never asked for. */
  unread(): readonly string[];
}

export function readRecord(row: Readonly<Record<string, unknown>>): LinkRecord {
  const values = new Map<string, readonly [column: string, value: unknown]>();
  for (const [column, value] of Object.entries(row)) {
    const isEmpty = value === null || value === undefined || value === '';
    if (!isEmpty && !values.has(plain(column))) values.set(plain(column), [column, value]);
  }
  const read = new Set<string>();
  const value = (...names: readonly string[]): unknown => {
    for (const name of names) read.add(plain(name));
    return names.map((name) => values.get(plain(name))?.[1]).find((each) => each !== undefined);
  };
  const text = (...names: readonly string[]): string | undefined => {
    const found = value(...names);
    if (typeof found === 'number') return String(found);
    return typeof found === 'string' && found.trim() !== '' ? found.trim() : undefined;
  };
  return {
    value,
    text,
    flag: (...names) => {
      const found = value(...names);
      return found === true || found === 1 || /^(?:1|true|yes)$/i.test(String(found));
    },
    number: (...names) => {
      const found = value(...names);
      const number = typeof found === 'string' ? Number(found.replaceAll(/[\s,]/g, '')) : found;
      return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
    },
    list: (...names) => toList(value(...names)),
    unread: () => [...values].filter(([name]) => !read.has(name)).map(([, [column]]) => column),
  };
}

const plainNames = new Map<string, string>();
const rememberedMax = 1_000;
const rememberedLengthMax = 64;

/** Asked dozens of times for every row, and nearly always about the same few names. */
function plain(name: string): string {
  const known = plainNames.get(name);
  if (known !== undefined) return known;
  const text = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  if (plainNames.size < rememberedMax && name.length <= rememberedLengthMax)
    plainNames.set(name, text);
  return text;
}

function toList(found: unknown): readonly string[] {
  const parsed = typeof found === 'string' && found.startsWith('[') ? tryJson(found) : found;
  const all: readonly unknown[] = Array.isArray(parsed)
    ? parsed
    : typeof parsed === 'string'
      ? parsed.split(/[,|;]/)
      : [];
  const names = all.map((each) =>
    typeof each === 'object' && each !== null ? (each as { name?: unknown }).name : each,
  );
  return [
    ...new Set(
      names
        .filter((each) => typeof each === 'string')
        .map((each) => each.trim())
        .filter((each) => each !== ''),
    ),
  ];
}

export function tryJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
