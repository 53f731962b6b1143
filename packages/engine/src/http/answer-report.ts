import type { Context } from '../context.ts';
import { apiRoutes } from './api-routes.ts';
import type { Route } from './route.ts';

/** What is computed from many rows, and may be a moment old. */
const reportTags: readonly Route['tag'][] = ['Analytics', 'Attribution', 'Funnels'];

const reportRoutes = new Set(
  apiRoutes.filter(({ method, tag }) => method === 'get' && reportTags.includes(tag)),
);

type Asked = Parameters<Route['handle']>;

/**
 * Answers a read: reports from the replica where there is one, with `Headwater-As-Of`, the time up to which it knows
 * everything. What a replica refuses (a funnel that it has not heard of yet) is asked again of the database itself.
 */
export async function answerRead(
  route: Route,
  context: Context,
  workspace: Asked[1],
  request: Asked[2],
): ReturnType<Route['handle']> {
  if (context.reports === undefined || !reportRoutes.has(route))
    return route.handle(context, workspace, request);
  return context.reports.read(async (database, asOf) => {
    const answered = await route.handle({ ...context, database }, workspace, request);
    if (asOf === undefined) return answered;
    if (!answered.ok) return route.handle(context, workspace, request);
    const headers = {
      ...answered.value.headers,
      'headwater-as-of': new Date(asOf).toISOString(),
    };
    return { ...answered, value: { ...answered.value, headers } };
  });
}
