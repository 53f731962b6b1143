/** The same fields but for some. */
export function without<T extends object, Key extends keyof T>(
  fields: T,
  ...keys: readonly Key[]
): Omit<T, Key> {
  const left = Object.entries(fields).filter(([key]) => !(keys as readonly string[]).includes(key));
  return Object.fromEntries(left) as Omit<T, Key>;
}
