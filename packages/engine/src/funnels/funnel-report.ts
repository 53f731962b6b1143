import type { FunnelStep } from './funnel.ts';
import type { VisitDimension } from '../reports/dimension.ts';

/** What is counted of a group of people. */
export interface PathCounts {
  /** Who reached each step. */
  readonly people: readonly number[];
  /** Seconds from the step before, of who reached it; the first step has none. */
  readonly secondsBetween: ReadonlyArray<Quantiles | undefined>;
  /** Seconds from the first step to the last, of who reached it. */
  readonly secondsTotal: Quantiles | undefined;
}

export interface Quantiles {
  readonly median: number;
  readonly p90: number;
}

export interface StepReport {
  readonly label: string;
  readonly people: number;
  /** Of the people who entered; `undefined` where nobody did. */
  readonly rate: number | undefined;
  /** Of the people of the step before; `undefined` where there are none. */
  readonly rateOfPrevious: number | undefined;
  /** Who reached this step and not the next one; of the last step nobody. */
  readonly droppedOff: number;
  readonly dropOffRate: number | undefined;
  /** Seconds since the step before; `undefined` for the first step, and where nobody came as far. */
  readonly secondsFromPrevious: Quantiles | undefined;
}

export interface PathReport {
  readonly entered: number;
  readonly converted: number;
  readonly conversionRate: number | undefined;
  /** Seconds from the first step to the last. */
  readonly secondsToConvert: Quantiles | undefined;
  readonly steps: readonly StepReport[];
}

export interface FunnelReport extends PathReport {
  readonly from: Date;
  readonly to: Date;
  /** Whether everybody who entered has had the whole window; until then more may convert. */
  readonly complete: boolean;
  readonly breakdown: FunnelBreakdown | undefined;
}

export interface FunnelBreakdown {
  readonly dimension: VisitDimension;
  /** Most people first. */
  readonly groups: ReadonlyArray<PathReport & { readonly value: string }>;
  /** How many people of each step are in none of the groups shown. */
  readonly others: readonly number[];
}

/** How far one person came. */
export interface FunnelPath {
  /** The person: the root of their visitors. */
  readonly visitorId: string;
  /** When each step was reached, up to the last one that was. */
  readonly reachedAt: readonly Date[];
}

/** The report of some people, of what was counted. */
export function toPathReport(steps: readonly FunnelStep[], counts: PathCounts): PathReport {
  const { people, secondsBetween, secondsTotal } = counts;
  const entered = people[0] ?? 0;
  const converted = people.at(-1) ?? 0;
  return {
    entered,
    converted,
    conversionRate: share(converted, entered),
    secondsToConvert: secondsTotal,
    steps: steps.map((step, index): StepReport => {
      const here = people[index] ?? 0;
      const before = index === 0 ? entered : (people[index - 1] ?? 0);
      const droppedOff = index === steps.length - 1 ? 0 : here - (people[index + 1] ?? 0);
      return {
        label: stepLabel(step, index),
        people: here,
        rate: share(here, entered),
        rateOfPrevious: share(here, before),
        droppedOff,
        dropOffRate: share(droppedOff, here),
        secondsFromPrevious: secondsBetween[index],
      };
    }),
  };
}

/** What a step is called where nobody has named it: its first filter in words. */
function stepLabel({ label, filters }: FunnelStep, index: number): string {
  const [first] = filters;
  if (label !== undefined || first === undefined) return label ?? `Step ${index + 1}`;
  switch (first.kind) {
    case 'event':
      return first.name ?? first.type;
    case 'url':
      return first.value ?? first.values?.join(', ') ?? `Step ${index + 1}`;
    case 'property':
      return `${first.key} = ${first.value ?? first.values?.join(', ') ?? ''}`;
    case 'source':
      return [first.channel, first.source, first.medium, first.campaign]
        .filter((part) => part !== undefined)
        .join(' / ');
    case 'link':
      break;
  }
  return `Step ${index + 1}`;
}

function share(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}
