/** The parts that say something: what is `undefined` stands in no address and in no question. */
export function said<Parts extends object>(
  parts: Parts,
): { readonly [Name in keyof Parts]?: Exclude<Parts[Name], undefined> } {
  return Object.fromEntries(
    Object.entries(parts).filter(([, value]) => value !== undefined),
  ) as never;
}
