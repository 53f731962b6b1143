import type { Context } from '../context.ts';
import { minute } from '../kernel/clock.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { inReport } from './in-report.ts';
import { createTally } from './tally.ts';
import type { Grouping, Tally } from './tally.ts';
import type { ReportWindow } from './report-window.ts';

export interface LiveVisitors {
  /** Who did anything in the last five and in the last thirty minutes. */
  readonly peopleIn5Minutes: number;
  readonly peopleIn30Minutes: number;
  readonly pageviewsIn30Minutes: number;
  /** The pages and channels of the last thirty minutes with the most people, ten at most. */
  readonly pages: ReadonlyArray<{ readonly value: string | null; readonly people: number }>;
  readonly channels: ReadonlyArray<{ readonly value: string | null; readonly people: number }>;
}

const none = { visits: [], events: [] };
const most = 10;

/** Who is there now, by the engine's clock. */
export async function liveVisitors(context: Context, workspace: Workspace): Promise<LiveVisitors> {
  const now = Math.ceil((context.clock.now() + 1) / 1_000) * 1_000;
  const window = { from: now - 30 * minute, to: now };
  const recent = { from: now - 5 * minute, to: now };
  const needs = { dimensions: new Set(['channel'] as const), hits: true, people: true };
  const earlier = { from: window.from, to: recent.from };
  return inReport(context, workspace, async (report) => {
    const tallyBy = (grouping: Grouping, of: ReportWindow): Tally =>
      createTally({ grouping, filters: none, window: of, people: report.people });
    const all = tallyBy({ by: 'nothing' }, window);
    const lately = tallyBy({ by: 'nothing' }, recent);
    const pages = tallyBy({ by: 'dimension', dimension: 'page' }, window);
    const channels = tallyBy({ by: 'dimension', dimension: 'channel' }, window);
    for await (const block of report.walk(earlier, needs))
      for (const tally of [all, pages, channels]) tally.add(block);
    for await (const block of report.walk(recent, needs))
      for (const tally of [all, lately, pages, channels]) tally.add(block);
    const [total] = all.groups();
    return {
      peopleIn5Minutes: lately.groups()[0]!.people,
      peopleIn30Minutes: total!.people,
      pageviewsIn30Minutes: total!.pageviews,
      pages: top(pages),
      channels: top(channels),
    };
  });
}

function top(tally: Tally): LiveVisitors['pages'] {
  return tally
    .groups()
    .filter(({ people }) => people > 0)
    .sort((one, other) => other.people - one.people || compare(one.value, other.value))
    .slice(0, most)
    .map(({ value, people }) => ({ value, people }));
}

function compare(one: string | null, other: string | null): number {
  return (one ?? '') < (other ?? '') ? -1 : 1;
}
