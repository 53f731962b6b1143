import { fc } from './properties.ts';

/** What has broken parsers: half characters, NUL, broken escapes, deep nesting, long runs, names that every object has. */
const fragments = [
  '\0',
  '\r\n',
  '\uD800',
  '\uDC00\uD800',
  '\uFEFF',
  '\u202E',
  '%',
  '%0',
  '%00',
  '%C3%28',
  '%ED%A0%80',
  '%25%32%35',
  '"',
  '""',
  "'",
  '\\',
  '\\"',
  ';',
  ',',
  '=',
  '==',
  '&',
  '?',
  '#',
  '/',
  '//',
  '/../',
  '@',
  ':',
  '::ffff:',
  '[',
  ']',
  '{',
  '}',
  '{{',
  '}}',
  '(',
  ')',
  '((((',
  '<script>',
  '${x}',
  '*',
  '*/*',
  '-',
  '--',
  '0',
  '-0',
  '1e308',
  '99999999999999999999',
  'NaN',
  'null',
  '__proto__',
  'constructor',
  'toString',
  ' ',
  '\t',
  'a',
  '日本',
  '🏳️‍🌈',
  'İ',
  'ß',
];

const fragment = fc.constantFrom(...fragments);

/** Lengths that show what grows faster than its input; few are long. */
const repeats = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1, max: 8 }) },
  { weight: 2, arbitrary: fc.integer({ min: 100, max: 2_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 10_000, max: 30_000 }) },
);

const run = fc
  .tuple(fc.array(fragment, { minLength: 1, maxLength: 3 }), repeats)
  .map(([parts, times]) => parts.join('').repeat(times));

/** What Node lets through as the headers of a request. */
const lengthMax = 16_384;

/** Good text with something cut, doubled, put in or turned about; and text that was never good. */
export function hostileText(seeds: readonly string[]): fc.Arbitrary<string> {
  const seed = fc.constantFrom(...seeds);
  const place = fc.double({ min: 0, max: 1, noNaN: true });
  const mutated = fc
    .tuple(
      seed,
      fc.array(fc.tuple(fc.nat(4), place, place, fc.oneof(run, seed)), {
        minLength: 1,
        maxLength: 4,
      }),
    )
    .map(([text, changes]) => changes.reduce((before, change) => mutate(before, ...change), text));
  const any = fc.oneof(
    { weight: 6, arbitrary: mutated },
    {
      weight: 2,
      arbitrary: fc.array(fc.oneof(run, seed), { maxLength: 6 }).map((all) => all.join('')),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  );
  return any.map((text) => text.slice(0, lengthMax));
}

function mutate(text: string, kind: number, from: number, to: number, other: string): string {
  const [start, end] = [from, to]
    .map((part) => Math.floor(part * text.length))
    .toSorted((a, b) => a - b) as [number, number];
  const [before, inside, after] = [text.slice(0, start), text.slice(start, end), text.slice(end)];
  const changed = [
    before + after,
    before + inside + inside + after,
    before + other + after,
    before + other + inside + after,
    after + inside + before,
  ][kind]!;
  return changed;
}
