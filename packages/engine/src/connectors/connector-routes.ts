import { answer, defineRoute } from '../http/route.ts';
import { ok } from '../kernel/result.ts';
import { renameFields } from '../kernel/validation.ts';
import { changeConnector, connectorNotFound } from './change-connector.ts';
import { compareClaims } from './compare-claims.ts';
import {
  claimsQuery,
  claimsResponse,
  connectorParams,
  connectorResponse,
  connectorTypeParams,
  connectorWireNames,
  toClaimsResponse,
  toConnectorChanges,
  toConnectorResponse,
} from './connector-schema.ts';
import { getConnector, listConnectors } from './list-connectors.ts';

const one = { 200: { description: 'The connector', schema: connectorResponse } };

const list = defineRoute({
  method: 'get',
  path: '/connectors',
  operationId: 'listConnectors',
  tag: 'Connectors',
  summary: 'The connectors to ad platforms, switched on or not',
  scope: 'read',
  responses: { 200: { description: 'The connectors', schema: connectorResponse.array() } },
  async handle(context, workspace) {
    return answer(200, (await listConnectors(context, workspace)).map(toConnectorResponse));
  },
});

const claims = defineRoute({
  method: 'get',
  path: '/connectors/claims',
  operationId: 'compareClaims',
  tag: 'Connectors',
  summary: 'What each platform will claim, against what the journeys say',
  scope: 'read',
  query: claimsQuery,
  responses: { 200: { description: 'The report', schema: claimsResponse } },
  refusals: ['validation_failed'],
  async handle(context, workspace, { query }) {
    const { from, to, goal } = query;
    const report = await compareClaims(context, workspace, {
      from,
      to,
      goals: goal === undefined ? undefined : [goal],
    });
    return report.ok ? answer(200, toClaimsResponse(report.value)) : report;
  },
});

const get = defineRoute({
  method: 'get',
  path: '/connectors/{type}',
  operationId: 'getConnector',
  tag: 'Connectors',
  summary: 'Get a connector',
  scope: 'read',
  params: connectorTypeParams,
  responses: one,
  refusals: ['connector_not_found'],
  async handle(context, workspace, { params }) {
    const state = await getConnector(context, workspace, params.type);
    return state === undefined
      ? connectorNotFound(params.type)
      : answer(200, toConnectorResponse(state));
  },
});

const update = defineRoute({
  method: 'patch',
  path: '/connectors/{type}',
  operationId: 'updateConnector',
  tag: 'Connectors',
  summary: 'Switch a connector on or off, store its settings and credentials',
  description:
    'Whatever had stopped the connector is over with any change: what waits is sent again. An empty body resumes it.',
  scope: 'admin',
  params: connectorTypeParams,
  body: connectorParams,
  responses: one,
  refusals: ['validation_failed', 'connector_not_found'],
  async handle(context, workspace, { params, body, options }) {
    const changes = toConnectorChanges(body);
    const changed = await changeConnector(context, workspace, params.type, changes, options);
    return changed.ok
      ? ok({ status: 200, body: toConnectorResponse(changed.value) })
      : renameFields(changed, connectorWireNames);
  },
});

export const connectorRoutes = [list, claims, get, update];
