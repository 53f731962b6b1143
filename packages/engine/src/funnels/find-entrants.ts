import type { Context } from '../context.ts';
import { openActivity } from '../analytics/walk-activity.ts';
import { day, hour } from '../kernel/clock.ts';
import type { VisitDimension } from '../reports/dimension.ts';
import { createEntrantTally } from './entrants.ts';
import type { Entrants } from './entrants.ts';
import type { FunnelQuestion } from './funnel-path-store.ts';
import { asksForViews, stepDimensions } from './funnel.ts';

/** Of the past hours of a question; where more are missing, the one scan that needs no hours is faster. */
const missingMax = { share: 0.1, hours: 3 };
/** Looking up one person costs as much as scanning about so many events. */
const openMax = 50_000;

/**
 * Who entered, from the hours that are kept of what happened; `undefined` where they are not kept, or know too little of
 * what the first steps ask for.
 */
export async function findEntrants(
  { activityHours, clock }: Pick<Context, 'activityHours' | 'clock'>,
  reading: Parameters<typeof openActivity>[0],
  { definition, from, to }: FunnelQuestion,
  dimension?: VisitDimension,
): Promise<Entrants | undefined> {
  const firstSteps = definition.steps.slice(0, 2);
  if (firstSteps.some(({ filters }) => asksForViews(filters))) return undefined;
  const until = to.getTime() + definition.window.days * day;
  const window = {
    from: Math.floor(from.getTime() / hour) * hour,
    to: Math.ceil(until / hour) * hour,
  };
  const needs = {
    dimensions: new Set<VisitDimension>([
      ...definition.filters.map((filter) => filter.dimension),
      ...stepDimensions(firstSteps),
      ...(dimension === undefined ? [] : [dimension]),
    ]),
    hits: true,
    people: true,
  };
  const { hoursKept, walk } = await openActivity(reading, activityHours, window, needs);
  const hoursPast = (Math.min(window.to, clock.now()) - window.from) / hour;
  if (hoursPast - hoursKept > Math.max(missingMax.hours, hoursPast * missingMax.share))
    return undefined;
  const tally = createEntrantTally({
    definition,
    from: from.getTime(),
    to: to.getTime(),
    dimension,
    people: activityHours.people(),
  });
  for await (const block of walk()) tally.add(block);
  const entrants = tally.finish();
  return entrants.open.length > openMax ? undefined : entrants;
}
