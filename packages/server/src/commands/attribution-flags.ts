import type { AttributionReportInput, Dimension, Goal, TouchFilter } from 'headwater';
import { readModelList } from 'headwater/models';

import { CommandFailure, exitCodes } from '../failure.ts';
import { toPeriod } from '../program-period.ts';
import type { FilterFlag, PeriodFlags } from '../program-period.ts';

/** What the commands of `headwater attribution` are given. */
export interface AttributionFlags extends PeriodFlags {
  readonly data?: string;
  readonly json?: boolean;
  readonly goals?: string;
  readonly dimension?: Dimension;
  readonly filter?: readonly FilterFlag[];
  readonly clickLookback?: number;
  readonly viewLookback?: number;
  readonly asOf?: string;
  readonly models?: string;
  readonly compare?: boolean;
  readonly sort?: 'conversions' | 'revenue' | 'value';
  readonly limit?: number;
  readonly format?: 'csv' | 'ndjson';
  readonly once?: boolean;
}

type Question = Omit<AttributionReportInput, 'sort' | 'compare' | 'limit' | 'offset'>;

/** The question that the flags ask. */
export function toQuestion(flags: AttributionFlags): Question {
  const { dimension, goals, filter = [], clickLookback, viewLookback, asOf } = flags;
  return {
    ...toPeriod(flags),
    ...(dimension !== undefined && { dimension }),
    // The engine says which there are.
    ...(goals !== undefined && { goals: goals.split(',') as Goal[] }),
    ...(filter.length > 0 && { filters: filter as readonly TouchFilter[] }),
    ...(clickLookback !== undefined && { clickLookbackDays: clickLookback }),
    ...(viewLookback !== undefined && { viewLookbackDays: viewLookback }),
    ...(asOf !== undefined && { asOf: new Date(asOf) }),
    ...toModels(flags.models),
  };
}

export function toModels(list: string | undefined): Pick<Question, 'models'> {
  if (list === undefined) return {};
  const read = readModelList(list);
  if (!read.ok) throw refused(read);
  return { models: read.value };
}

/** A refusal, in the words of the command line. */
export function refused({
  message,
  errors,
}: {
  readonly message: string;
  readonly errors?: Readonly<Record<string, readonly string[]>>;
}): CommandFailure {
  const lines = Object.entries(errors ?? {}).map(
    ([field, messages]) => `${field} ${messages.join(', ')}`,
  );
  return new CommandFailure(
    lines.length === 0 ? message : lines.join('\n'),
    lines.length === 0 ? exitCodes.failed : exitCodes.misused,
  );
}
