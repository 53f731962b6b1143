/**
 * The address with these parameters in its query: everything else of it stays, query and fragment too; what it has of
 * the same names gives way. `undefined` for a base that is no address of http or https.
 */
export function withParameters(
  base: string,
  parameters: Readonly<Record<string, string>>,
  without: readonly string[] = [],
): string | undefined {
  const url = URL.parse(base);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined;
  const replaced = new Set([...Object.keys(parameters), ...without]);
  const kept = url.search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && !replaced.has(nameOf(pair)));
  // By hand: writing through `searchParams` would spell what the base has differently.
  url.search = [...kept, new URLSearchParams(parameters).toString()].join('&');
  return url.href;
}

function nameOf(pair: string): string {
  return new URLSearchParams(pair).keys().next().value ?? '';
}
