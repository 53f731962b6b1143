/** The same fields, each either with a value or not there at all. */
export type Given<T> = {
  [Key in keyof T as null extends T[Key] ? never : undefined extends T[Key] ? never : Key]: T[Key];
} & {
  [
    Key in keyof T as null extends T[Key] ? Key : undefined extends T[Key] ? Key : never
  ]?: NonNullable<T[Key]>;
};

/** Leaves out the fields that are `null` or `undefined`. */
export function given<T extends object>(fields: T): Given<T> {
  const entries = Object.entries(fields).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  return Object.fromEntries(entries) as Given<T>;
}
