import type { AttributionReportInput, Dimension, Goal, TouchFilter } from 'headwater';
import { readModelList } from 'headwater/models';

import { CommandFailure, exitCodes } from '../failure.ts';

/** What the commands of `headwater attribution` are given. */
export interface AttributionFlags {
  readonly data?: string;
  readonly json?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly timezone?: string;
  readonly goals?: string;
  readonly by?: Dimension;
  readonly where?: readonly string[];
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
  const { from, to, timezone, by, goals, where = [], clickLookback, viewLookback, asOf } = flags;
  return {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(timezone !== undefined && { timezone }),
    ...(by !== undefined && { by }),
    // The engine says which there are.
    ...(goals !== undefined && { goals: goals.split(',') as Goal[] }),
    ...(where.length > 0 && { filters: where.map(toFilter) }),
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

function toFilter(condition: string): TouchFilter {
  const [, dimension, not, value] = /^(\w+)(!)?=(.*)$/s.exec(condition) ?? [];
  if (dimension === undefined)
    throw new CommandFailure(
      `--where must be like channel=Email, or channel!=Direct: ${condition}`,
      exitCodes.misused,
    );
  return {
    dimension: dimension as Dimension,
    operator: not === undefined ? 'in' : 'not_in',
    values: [value === undefined || value === '' ? null : value],
  };
}
