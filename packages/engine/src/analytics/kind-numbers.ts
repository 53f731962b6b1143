import { canonicalPath } from '../funnels/url-pattern.ts';
import type { HitKind } from './activity-block.ts';

/** A kind of hits as hours store it; with a path where that does not follow from the page. */
export type EncodedKind = readonly [
  type: string,
  name: string | null,
  page: string | null,
  path?: string | null,
];

/** Kinds of hits by numbers that all hours share, so that a report looks at each page once and not in every hour. */
export interface KindNumbers {
  /** By number. Grows. */
  readonly kinds: readonly HitKind[];
  numberOf(kind: EncodedKind): number;
}

export function createKindNumbers(): KindNumbers {
  const kinds: HitKind[] = [];
  const numbers = new Map<string, number>();
  return {
    kinds,
    numberOf(kind) {
      const [type, name, page, path = ''] = kind;
      const key = `${type}\n${name ?? ''}\n${name === null ? 0 : 1}${page ?? ''}\n${kind.length}${path ?? ''}`;
      let number = numbers.get(key);
      if (number === undefined) {
        number = kinds.length;
        numbers.set(key, number);
        kinds.push(decodeKind(kind));
      }
      return number;
    },
  };
}

export function encodeKind({ type, name, page, path }: HitKind): EncodedKind {
  const follows = path === undefined || (page !== null && path === canonicalPath(page));
  return follows ? [type, name, page] : [type, name, page, path];
}

/** An hour of an older version has the paths of page views only. */
function decodeKind(kind: EncodedKind): HitKind {
  const [type, name, page, path] = kind;
  if (kind.length === 4) return { type, name, page, path };
  return { type, name, page, path: page === null ? undefined : canonicalPath(page) };
}
