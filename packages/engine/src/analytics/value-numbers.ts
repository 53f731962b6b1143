/** The values of a dimension by numbers that all hours share: each is looked at once, and is one text in memory. */
export interface ValueNumbers {
  /** By number. Grows. */
  readonly values: ReadonlyArray<string | null>;
  numberOf(value: string | null): number;
}

export function createValueNumbers(): ValueNumbers {
  const values: Array<string | null> = [];
  const numbers = new Map<string | null, number>();
  return {
    values,
    numberOf(value) {
      let number = numbers.get(value);
      if (number === undefined) {
        number = values.length;
        numbers.set(value, number);
        values.push(value);
      }
      return number;
    },
  };
}
