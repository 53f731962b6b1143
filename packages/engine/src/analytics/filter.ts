import { notSet } from '../reports/dimension.ts';
import type { ActivityBlock, HitKind } from './activity-block.ts';
import { createCodeMemo } from './code-memo.ts';
import { isEventDimension, isVisitDimension, readDimension } from './dimension.ts';
import type { Dimension, EventDimension, VisitDimension } from './dimension.ts';
import type { FieldProblems } from '../reports/report-period.ts';

/** Keeps what has one of these values, or leaves it out. `null` stands for no value. Several filters hold together. */
export interface FilterInput {
  readonly dimension: string;
  readonly values: ReadonlyArray<string | null>;
  /** @default false */
  readonly exclude?: boolean | undefined;
}

export interface Filter<Of extends Dimension = Dimension> {
  readonly dimension: Of;
  readonly values: ReadonlySet<string | null>;
  readonly excludes: boolean;
}

/** The filters of a report by what they look at. */
export interface Filters {
  readonly visits: ReadonlyArray<Filter<VisitDimension>>;
  readonly events: ReadonlyArray<Filter<EventDimension>>;
}

const filtersMax = 20;
const valuesMax = 100;

/** Reports write `(not set)` for no value, and may be asked by it. */
function readValue(value: string | null): string | null {
  return value === notSet ? null : value;
}

export function readFilters(inputs: readonly FilterInput[], problems: FieldProblems): Filters {
  const visits: Array<Filter<VisitDimension>> = [];
  const events: Array<Filter<EventDimension>> = [];
  const complain = (message: string): void => {
    (problems['filter'] ??= []).push(message);
  };
  if (inputs.length > filtersMax) complain(`must be at most ${filtersMax} filters`);
  for (const input of inputs.slice(0, filtersMax)) {
    const dimension = readDimension(input.dimension);
    const filter = {
      values: new Set(input.values.map(readValue)),
      excludes: input.exclude ?? false,
    };
    if (input.values.length === 0 || input.values.length > valuesMax)
      complain(`must have 1 to ${valuesMax} values`);
    else if (dimension === undefined) complain(`names an unknown dimension: ${input.dimension}`);
    else if (isVisitDimension(dimension)) visits.push({ dimension, ...filter });
    else if (isEventDimension(dimension)) events.push({ dimension, ...filter });
    else complain('cannot be on machines, which are in no other report');
  }
  return { visits, events };
}

/** Says which visits of a block the filters let through, by index; `undefined` where all. */
export function createVisitFilter(
  filters: ReadonlyArray<Pick<Filter<VisitDimension>, 'dimension' | 'values' | 'excludes'>>,
): (block: ActivityBlock) => Uint8Array | undefined {
  if (filters.length === 0) return () => undefined;
  const wanted = filters.map(({ dimension, values, excludes }) => ({
    dimension,
    judge: createCodeMemo((value: string | null) => Number(values.has(value) !== excludes)),
  }));
  return (block) => {
    const passed = new Uint8Array(block.visits.count).fill(1);
    for (const { dimension, judge } of wanted) {
      const { codes, values } = block.dimensions[dimension]!;
      const isWanted = judge(values, codes);
      for (let visit = 0; visit < passed.length; visit += 1)
        if (isWanted[codes[visit]!] === 0) passed[visit] = 0;
    }
    return passed;
  };
}

/** Whether the filters let a kind of hits through. */
export function passesKind(kind: HitKind, filters: ReadonlyArray<Filter<EventDimension>>): boolean {
  return filters.every(
    ({ dimension, values, excludes }) => values.has(valueOf(kind, dimension)) !== excludes,
  );
}

/** An event without a name goes by its type. */
export function valueOf(kind: HitKind, dimension: EventDimension): string | null {
  if (dimension === 'page') return kind.page;
  return dimension === 'event_name' ? (kind.name ?? kind.type) : kind.type;
}
