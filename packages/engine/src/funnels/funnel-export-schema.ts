import * as z from 'zod';

import { countOut } from '../http/fields-schema.ts';
import type { ExportShape } from '../http/export-stream.ts';
import type { FunnelReport, PathReport } from './funnel-report.ts';

const share = z.number().nullable();

/** A step of everybody, of one group of the breakdown, or of who is in none of the groups. */
export const funnelRowResponse = z
  .object({
    of: z.enum(['all', 'group', 'others']),
    value: z.string().nullable().meta({ description: 'Of the dimension', example: 'DE' }),
    step: z.int().meta({ description: 'From 1' }),
    label: z.string(),
    people: countOut,
    rate: share.meta({ description: 'Of who entered' }),
    rate_of_previous: share,
    dropped_off: countOut,
    drop_off_rate: share,
    median_seconds: z.number().nullable().meta({ description: 'From the step before' }),
    p90_seconds: z.number().nullable(),
  })
  .meta({ id: 'FunnelRow' });

/** RFC 4180, with a header. */
export const funnelExport = z.string();

export type FunnelRow = z.input<typeof funnelRowResponse>;

const columns = Object.keys(funnelRowResponse.shape) as Array<keyof FunnelRow>;

/** A funnel's report as a table: a row for each step of everybody, then of each group. */
export const funnelShape: ExportShape<FunnelRow> = {
  columns,
  cells: (row) => columns.map((column) => row[column]),
  document: (row) => row,
};

export function toFunnelRows({ breakdown, ...report }: FunnelReport): FunnelRow[] {
  const all = toRows('all', null, report);
  if (breakdown === undefined) return all;
  return [
    ...all,
    ...breakdown.groups.flatMap((group) => toRows('group', group.value, group)),
    ...breakdown.others.map((people, index): FunnelRow => ({
      of: 'others',
      value: null,
      step: index + 1,
      label: report.steps[index]?.label ?? '',
      people,
      rate: null,
      rate_of_previous: null,
      dropped_off: people - (breakdown.others[index + 1] ?? people),
      drop_off_rate: null,
      median_seconds: null,
      p90_seconds: null,
    })),
  ];
}

function toRows(of: FunnelRow['of'], value: string | null, { steps }: PathReport): FunnelRow[] {
  return steps.map((step, index) => ({
    of,
    value,
    step: index + 1,
    label: step.label,
    people: step.people,
    rate: step.rate ?? null,
    rate_of_previous: step.rateOfPrevious ?? null,
    dropped_off: step.droppedOff,
    drop_off_rate: step.dropOffRate ?? null,
    median_seconds: step.secondsFromPrevious?.median ?? null,
    p90_seconds: step.secondsFromPrevious?.p90 ?? null,
  }));
}
