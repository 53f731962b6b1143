import type { ActivityBlock, HitKind } from '../analytics/activity-block.ts';
import { createVisitFilter } from '../analytics/filter.ts';
import { notSet } from '../reports/dimension.ts';
import type { CheckedDefinition, SourceFilter, StepFilter, UrlFilter } from './funnel.ts';
import { namedFields } from './funnel.ts';
import type { VisitFilter } from './visit-dimension.ts';

/** Whether an event is what a step asks for, as far as the hours that are kept know it. A larger one is more certain. */
export const verdict = { no: 0, perhaps: 1, yes: 2 } as const;
export type Verdict = (typeof verdict)[keyof typeof verdict];

type Step = CheckedDefinition['steps'][number];

/** What all filters of a step but those of its visit say of a kind of hits. */
export function judgeKind({ combine, filters }: Step, kind: HitKind): Verdict {
  const verdicts = filters
    .filter((filter) => filter.kind !== 'source')
    .map((filter) => judgeFilter(filter, kind));
  return combineVerdicts(combine, verdicts);
}

/** Says of each visit of a block what the filters of a step on where visits come from do; `undefined` without such. */
export function createVisitJudge({
  combine,
  filters,
}: Step): (block: ActivityBlock) => Uint8Array | undefined {
  const sources = filters
    .filter((filter) => filter.kind === 'source')
    .map((source) => matchVisits(toVisitFilters(source)));
  if (sources.length === 0) return () => undefined;
  return (block) => {
    const matches = sources.map((match) => match(block));
    return Uint8Array.from({ length: block.visits.count }, (_, visit) =>
      combineVerdicts(
        combine,
        matches.map((match) => (match?.[visit] === 0 ? verdict.no : verdict.yes)),
      ),
    );
  };
}

/** `all` holds as far as the least certain of them, `any` as far as the most certain. */
export function combineVerdicts(combine: Step['combine'], verdicts: readonly Verdict[]): Verdict {
  return combine === 'any'
    ? (Math.max(verdict.no, ...verdicts) as Verdict)
    : (Math.min(verdict.yes, ...verdicts) as Verdict);
}

/** Says which visits of a block all the filters let through, by index; `undefined` where all. */
export function matchVisits(filters: readonly VisitFilter[]) {
  return createVisitFilter(
    filters.map(({ dimension, values, exclude = false }) => ({
      dimension,
      values: new Set(
        values.flatMap((value) => (value === null || value === notSet ? [null, notSet] : [value])),
      ),
      excludes: exclude,
    })),
  );
}

function toVisitFilters(filter: SourceFilter): VisitFilter[] {
  return namedFields(filter).map((dimension) => ({ dimension, values: [filter[dimension]!] }));
}

function judgeFilter(filter: StepFilter, kind: HitKind): Verdict {
  switch (filter.kind) {
    case 'event':
      return decided(
        kind.type === filter.type && (filter.name === undefined || kind.name === filter.name),
      );
    case 'url':
      return judgeUrl(filter, kind.path);
    // Of properties and links hours know nothing, of sources nothing by the kind.
    case 'property':
    case 'link':
    case 'source':
      break;
  }
  return verdict.perhaps;
}

function judgeUrl(
  { scope, match, value = '', values = [] }: UrlFilter,
  path: HitKind['path'],
): Verdict {
  if (path === null) return verdict.no;
  // What is read by PostgreSQL's own rules is left to it.
  if (path === undefined || (scope ?? 'path') !== 'path' || match === 'regex')
    return verdict.perhaps;
  switch (match) {
    case 'in':
      return decided(values.includes(path));
    case 'starts_with':
      return decided(path.startsWith(value));
    case 'wildcard':
      return decided(matchesWildcard(path, value));
    case 'equals':
    case undefined:
      break;
  }
  return decided(path === value);
}

/** `*` is any characters; the parts between are found one after the other, as far to the left as they are. */
function matchesWildcard(text: string, wildcard: string): boolean {
  const [first = '', ...rest] = wildcard.split('*');
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

function decided(holds: boolean): Verdict {
  return holds ? verdict.yes : verdict.no;
}
