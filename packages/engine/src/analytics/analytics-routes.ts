import { answer, defineRoute } from '../http/route.ts';
import { renameFields } from '../kernel/validation.ts';
import { toFilters } from '../reports/report-schema.ts';
import {
  breakdownQuery,
  breakdownResponse,
  conversionsQuery,
  liveResponse,
  overviewQuery,
  overviewResponse,
  reportedConversions,
  retentionQuery,
  retentionResponse,
  summaryQuery,
  summaryResponse,
  timeSeriesQuery,
  timeSeriesResponse,
  toBreakdownResponse,
  toLiveResponse,
  toOverviewResponse,
  toRetentionResponse,
  toSummaryResponse,
  toTimeSeriesResponse,
} from './analytics-schema.ts';
import { breakDown } from './breakdown.ts';
import { liveVisitors } from './live-visitors.ts';
import { overview } from './overview.ts';
import { retention } from './retention.ts';
import { summarise } from './summarise.ts';
import { timeSeries } from './time-series.ts';

const summary = defineRoute({
  method: 'get',
  path: '/analytics/summary',
  operationId: 'analyticsSummary',
  tag: 'Analytics',
  summary: 'The numbers of a window at a glance',
  description:
    'People, page views and events are counted by when events happened, sessions by when they began, conversions by when they were made, refunds and removals by when these were.',
  scope: 'read',
  query: summaryQuery,
  responses: { 200: { description: 'The numbers', schema: summaryResponse } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const result = await summarise(context, workspace, {
      ...query,
      filters: toFilters(query),
      compare: query.compare === 'previous' ? 'previous' : undefined,
    });
    return result.ok ? answer(200, toSummaryResponse(result.value, workspace.currency)) : result;
  },
});

const timeseries = defineRoute({
  method: 'get',
  path: '/analytics/timeseries',
  operationId: 'analyticsTimeseries',
  tag: 'Analytics',
  summary: 'One metric over time',
  description:
    'Every bucket of the window, also those in which nothing happened; right across changes of the clocks. At most 1,500.',
  scope: 'read',
  query: timeSeriesQuery,
  responses: { 200: { description: 'The points', schema: timeSeriesResponse } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const { metric, ...rest } = query;
    const input = { ...rest, metrics: [metric], filters: toFilters(query) };
    const result = await timeSeries(context, workspace, input);
    return result.ok
      ? answer(200, toTimeSeriesResponse(result.value, metric, workspace.currency))
      : renameFields(result, { metrics: 'metric' });
  },
});

const breakdown = defineRoute({
  method: 'get',
  path: '/analytics/breakdown',
  operationId: 'analyticsBreakdown',
  tag: 'Analytics',
  summary: 'Numbers by the values of a dimension',
  scope: 'read',
  query: breakdownQuery,
  responses: { 200: { description: 'The rows', schema: breakdownResponse, paged: true } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const result = await breakDown(context, workspace, { ...query, filters: toFilters(query) });
    if (!result.ok) return result;
    const { dimension, metrics = result.value.metrics } = query;
    const asked = { dimension, metrics };
    return answer(200, toBreakdownResponse(result.value, asked, workspace.currency), {
      nextCursor: result.value.nextCursor,
    });
  },
});

const conversions = defineRoute({
  method: 'get',
  path: '/analytics/conversions',
  operationId: 'analyticsConversions',
  tag: 'Analytics',
  summary: 'Sales, buyers and revenue by the values of a dimension',
  description:
    'Where a conversion came from is the touch that it is credited to: the last one that is not direct. What takes one back is subtracted there, in the window in which that happened. The rate is buyers of people.',
  scope: 'read',
  query: conversionsQuery,
  responses: { 200: { description: 'The rows', schema: breakdownResponse, paged: true } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const input = { ...query, metrics: reportedConversions, filters: toFilters(query) };
    const result = await breakDown(context, workspace, input);
    if (!result.ok) return result;
    const asked = { dimension: query.dimension, metrics: reportedConversions };
    return answer(200, toBreakdownResponse(result.value, asked, workspace.currency), {
      nextCursor: result.value.nextCursor,
    });
  },
});

const cohorts = defineRoute({
  method: 'get',
  path: '/analytics/retention',
  operationId: 'analyticsRetention',
  tag: 'Analytics',
  summary: 'How many of the new people of each week came back in the weeks after',
  scope: 'read',
  query: retentionQuery,
  responses: { 200: { description: 'The cohorts', schema: retentionResponse } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const input = { ...query, filters: toFilters(query) };
    const result = await retention(context, workspace, input);
    return result.ok ? answer(200, toRetentionResponse(result.value)) : result;
  },
});

const everything = defineRoute({
  method: 'get',
  path: '/analytics/overview',
  operationId: 'analyticsOverview',
  tag: 'Analytics',
  summary: 'What a dashboard shows at once',
  description:
    'The summary with that of the same length of time before, the metrics over time, and ten rows of each breakdown: in one pass, which costs little more than one of them.',
  scope: 'read',
  query: overviewQuery,
  responses: { 200: { description: 'The reports', schema: overviewResponse } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const result = await overview(context, workspace, { ...query, filters: toFilters(query) });
    return result.ok ? answer(200, toOverviewResponse(result.value, workspace.currency)) : result;
  },
});

const live = defineRoute({
  method: 'get',
  path: '/analytics/live',
  operationId: 'analyticsLive',
  tag: 'Analytics',
  summary: 'Who is there now',
  scope: 'read',
  responses: { 200: { description: 'People of the last minutes', schema: liveResponse } },
  async handle(context, workspace) {
    return answer(200, toLiveResponse(await liveVisitors(context, workspace)));
  },
});

export const analyticsRoutes = [
  summary,
  timeseries,
  breakdown,
  conversions,
  cohorts,
  everything,
  live,
];
