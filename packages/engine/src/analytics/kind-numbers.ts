import type { HitKind } from './activity-block.ts';

/** Kinds of hits by numbers that all hours share, so that a report looks at each page once and not in every hour. */
export interface KindNumbers {
  /** By number. Grows. */
  readonly kinds: readonly HitKind[];
  numberOf(type: string, name: string | null, page: string | null): number;
}

export function createKindNumbers(): KindNumbers {
  const kinds: HitKind[] = [];
  const numbers = new Map<string, number>();
  return {
    kinds,
    numberOf(type, name, page) {
      const key = `${type}\n${name ?? ''}\n${name === null ? 0 : 1}${page ?? ''}`;
      let number = numbers.get(key);
      if (number === undefined) {
        number = kinds.length;
        numbers.set(key, number);
        kinds.push({ type, name, page });
      }
      return number;
    },
  };
}
