import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

/** The period of a report, as the engine reads it, and which of it is looked at. */
export interface PeriodFlags {
  readonly from?: string;
  readonly to?: string;
  readonly last?: number;
  readonly timezone?: string;
}

export interface FilterFlag {
  readonly dimension: string;
  readonly values: ReadonlyArray<string | null>;
  readonly exclude: boolean;
}

/** What every report is asked with. */
export interface ReportFlags extends PeriodFlags {
  readonly filter: readonly FilterFlag[];
}

/** `--from`, `--to`, `--last` and `--timezone`, which all reports take alike. */
export function addPeriod(command: Command): Command {
  return command
    .option('--from <when>', 'a day like 2026-11-01, or a time as in RFC 3339')
    .option('--to <when>', 'a day, which is part of the period, or a time, which is not (now)')
    .option(
      '--last <days>',
      'without --from: so many days, the last one that of --to (30)',
      parseCount,
    )
    .option('--timezone <zone>', "in which days begin (the workspace's)");
}

export function addFilters(command: Command): Command {
  return command.option(
    '--filter <filter>',
    'dimension=value, or dimension!=value to leave it out; may be given several times',
    addFilter,
    [],
  );
}

/** The period of the flags, for the engine to read. */
export function toPeriod({ from, to, last, timezone }: PeriodFlags) {
  return {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(timezone !== undefined && { timezone }),
    ...(last !== undefined && { days: last }),
  };
}

export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('A whole number above 0.');
  return Number(text);
}

function addFilter(text: string, before: readonly FilterFlag[]): readonly FilterFlag[] {
  const match = /^([a-z_]+)(!?=)(.*)$/s.exec(text);
  if (match === null) throw new InvalidArgumentError('dimension=value or dimension!=value.');
  const [, dimension = '', sign, value = ''] = match;
  return [...before, { dimension, values: [value === '' ? null : value], exclude: sign === '!=' }];
}
