import type { Headwater } from '../packages/engine/src/engine.ts';
import type { FunnelDefinition } from '../packages/engine/src/funnels/funnel.ts';
import { orThrow } from '../packages/engine/src/kernel/result.ts';
import { yearEnds } from './analytics-data.ts';

/** One line of the table: what a dashboard asks for. */
export interface AnalyticsQuery {
  readonly name: string;
  /** What the design promises, in milliseconds. */
  readonly floor?: number;
  readonly goal?: number;
  readonly run: (hw: Headwater, workspaceId: string) => Promise<unknown>;
}

const day = 86_400_000;
/** The last days that are over, in UTC. */
const last = (days: number) => ({
  from: new Date(yearEnds - (days + 5) * day),
  to: new Date(yearEnds - 5 * day),
});
const panels = ['channel', 'source', 'country', 'browser', 'page'];
const funnel: FunnelDefinition = {
  steps: [
    { label: 'Looks', filters: [{ kind: 'url', value: '/' }] },
    { label: 'Leaves an address', filters: [{ kind: 'event', type: 'lead' }] },
    { label: 'Buys', filters: [{ kind: 'event', type: 'sale' }] },
  ],
  window: { days: 7 },
};
const models = [
  'first_touch',
  'last_non_direct',
  'linear',
  'time_decay',
  'position_based',
] as const;

/** Another report is one more line. */
export const analyticsQueries: readonly AnalyticsQuery[] = [
  {
    name: 'overview of 30 days: summary and the 30 days before, time series, five breakdowns by people',
    floor: 300,
    goal: 100,
    run: async (hw, workspaceId) =>
      orThrow(await hw.analytics.overview({ ...last(30), dimensions: panels }, { workspaceId })),
  },
  {
    name: 'breakdown of 30 days: people, sessions and bounces by campaign, of one country',
    run: async (hw, workspaceId) =>
      orThrow(
        await hw.analytics.breakdown(
          {
            ...last(30),
            dimension: 'campaign',
            metrics: ['people', 'sessions', 'bounce_rate'],
            filters: [{ dimension: 'country', values: ['AA'] }],
          },
          { workspaceId },
        ),
      ),
  },
  {
    name: 'time series of two weeks: people by six hours',
    run: async (hw, workspaceId) =>
      orThrow(await hw.analytics.timeSeries({ ...last(14), metrics: ['people'] }, { workspaceId })),
  },
  {
    name: 'funnel of three steps over 30 days: the first page, a lead, a sale within a week',
    run: async (hw, workspaceId) =>
      orThrow(await hw.funnels.report(funnel, last(30), { workspaceId })),
  },
  {
    name: 'attribution of 30 days: sales by channel under five models',
    run: async (hw, workspaceId) =>
      orThrow(
        await hw.attribution.report({ ...last(30), dimension: 'channel', models }, { workspaceId }),
      ),
  },
];
