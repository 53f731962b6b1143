import { answer, defineRoute } from '../http/route.ts';
import { explainArrival } from './explain-arrival.ts';
import { explainQuery, explanationResponse, toExplanationResponse } from './source-schema.ts';

const explain = defineRoute({
  method: 'get',
  path: '/sources/explain',
  operationId: 'explainSource',
  tag: 'Sources',
  summary: 'Explain where an arrival comes from',
  description:
    'By the rules of now, the own ones of the workspace among them: the decision, and why every rule did or did not decide. Nothing is recorded.',
  scope: 'read',
  query: explainQuery,
  responses: { 200: { description: 'The decision and its reasons', schema: explanationResponse } },
  refusals: ['link_not_found'],
  async handle(context, workspace, { query }) {
    const { user_agent: userAgent, link_id: linkId, ...address } = query;
    const explained = await explainArrival(context, workspace, { ...address, userAgent, linkId });
    return explained.ok ? answer(200, toExplanationResponse(explained.value)) : explained;
  },
});

export const sourceRoutes = [explain];
