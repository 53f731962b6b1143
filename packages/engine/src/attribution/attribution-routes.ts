import { exportStream, exportTypes, onePage } from '../http/export-stream.ts';
import { answer, defineRoute } from '../http/route.ts';
import { given } from '../kernel/given.ts';
import {
  conversionParams,
  creditsQuery,
  explainConversionQuery,
  pathsExportQuery,
  pathsQuery,
  reportQuery,
  toQuestionInput,
  toReportInput,
  toWindows,
  visitorCreditsQuery,
} from './attribution-query-schema.ts';
import {
  pathReportResponse,
  topPathResponse,
  reportExport,
  attributionReportResponse,
  reportRowResponse,
  toAttributionRefusal,
  toPathReportResponse,
  toAttributionReportResponse,
} from './attribution-schema.ts';
import {
  conversionExplanationResponse,
  creditRowResponse,
  toConversionExplanationResponse,
  toVisitorCreditsResponse,
  visitorCreditsResponse,
} from './conversion-schema.ts';
import { creditVisitor } from './credit-visitor.ts';
import { explainConversion } from './explain-conversion.ts';
import { creditShape, pathShape, reportShape } from './export-schema.ts';
import { listCredits } from './list-credits.ts';
import { listModels, modelResponse } from './model-schema.ts';
import { reportAttribution } from './report-attribution.ts';
import { reportPaths } from './report-paths.ts';

const report = defineRoute({
  method: 'get',
  path: '/attribution/report',
  operationId: 'getAttributionReport',
  tag: 'Attribution',
  summary: 'What each source is worth, under one model or several side by side',
  description:
    'Computed from the touches when it is asked for. A refund counts where its conversion counts. `format` gives the rows as CSV or NDJSON.',
  scope: 'read',
  query: reportQuery,
  responses: {
    200: {
      description: 'The report',
      contents: {
        'application/json': attributionReportResponse,
        'text/csv': reportExport,
        'application/x-ndjson': reportRowResponse,
      },
    },
  },
  refusals: ['validation_failed'],
  async handle(context, workspace, { query }) {
    const found = await reportAttribution(context, workspace, toReportInput(query));
    if (!found.ok) return toAttributionRefusal(found);
    const { format = 'json' } = query;
    if (format === 'json') return answer(200, toAttributionReportResponse(found.value));
    return answer(200, undefined, {
      content: exportStream(format, reportShape(found.value), onePage(found.value.rows)),
      headers: { 'content-type': exportTypes[format] },
    });
  },
});

const paths = defineRoute({
  method: 'get',
  path: '/attribution/paths',
  operationId: 'getAttributionPaths',
  tag: 'Attribution',
  summary: 'The ways that led to conversions, how long they are, and how much time they took',
  scope: 'read',
  query: pathsQuery,
  responses: { 200: { description: 'The paths', schema: pathReportResponse } },
  refusals: ['validation_failed'],
  async handle(context, workspace, { query }) {
    const { repeats, limit, offset } = query;
    const input = { ...toQuestionInput(query), ...given({ repeats }), limit, offset };
    const found = await reportPaths(context, workspace, input);
    return found.ok ? answer(200, toPathReportResponse(found.value)) : toAttributionRefusal(found);
  },
});

const pathsExport = defineRoute({
  method: 'get',
  path: '/attribution/paths/export',
  operationId: 'exportAttributionPaths',
  tag: 'Attribution',
  summary: 'The ways that led to conversions as CSV or NDJSON: every one',
  scope: 'read',
  query: pathsExportQuery,
  responses: {
    200: {
      description: 'The paths',
      contents: { 'text/csv': reportExport, 'application/x-ndjson': topPathResponse },
    },
  },
  refusals: ['validation_failed'],
  async handle(context, workspace, { query }) {
    const { repeats, format } = query;
    const input = { ...toQuestionInput(query), ...given({ repeats }), limit: 100_000 };
    const found = await reportPaths(context, workspace, input);
    if (!found.ok) return toAttributionRefusal(found);
    return answer(200, undefined, {
      content: exportStream(format, pathShape(found.value), onePage(found.value.paths)),
      headers: { 'content-type': exportTypes[format] },
    });
  },
});

const credits = defineRoute({
  method: 'get',
  path: '/attribution/credits',
  operationId: 'exportAttributionCredits',
  tag: 'Attribution',
  summary: 'Every row of credit, and of what took it back',
  description:
    'As NDJSON or CSV, while it is read. The rows of a conversion add up to its value less refunds; each refund is a row with its own time.',
  scope: 'read',
  query: creditsQuery,
  responses: {
    200: {
      description: 'The rows',
      contents: { 'application/x-ndjson': creditRowResponse, 'text/csv': reportExport },
    },
  },
  refusals: ['validation_failed'],
  handle(context, workspace, { query }) {
    const { format = 'ndjson', models } = query;
    const input = { ...toQuestionInput(query), ...given({ models }) };
    const rows = listCredits(context, workspace, input);
    return Promise.resolve(
      rows.ok
        ? answer(200, undefined, {
            content: exportStream(format, creditShape, rows.value),
            headers: { 'content-type': exportTypes[format] },
          })
        : toAttributionRefusal(rows),
    );
  },
});

const visitor = defineRoute({
  method: 'get',
  path: '/attribution/visitors/{id}',
  operationId: 'getVisitorCredits',
  tag: 'Attribution',
  summary: 'The conversions of a person, each with its path and the credit of every touch',
  scope: 'read',
  params: conversionParams,
  query: visitorCreditsQuery,
  responses: { 200: { description: 'The conversions', schema: visitorCreditsResponse } },
  refusals: ['validation_failed', 'visitor_not_found'],
  async handle(context, workspace, { params, query }) {
    const { models, goals } = query;
    const input = { ...toWindows(query), ...given({ models, goals }) };
    const found = await creditVisitor(context, workspace, params.id, input);
    return found.ok
      ? answer(200, toVisitorCreditsResponse(found.value))
      : toAttributionRefusal(found);
  },
});

const explain = defineRoute({
  method: 'get',
  path: '/attribution/conversions/{id}/explain',
  operationId: 'explainConversion',
  tag: 'Attribution',
  summary: 'Why a conversion is credited as it is',
  description:
    'Which touches could have earned it, who the person is and how that is known, which touch wins under each model, and why each of the others does not. The id is that of the event.',
  scope: 'read',
  params: conversionParams,
  query: explainConversionQuery,
  responses: { 200: { description: 'The reasons', schema: conversionExplanationResponse } },
  refusals: ['validation_failed', 'conversion_not_found'],
  async handle(context, workspace, { params, query }) {
    const { models, as_of: asOf } = query;
    const input = { ...toWindows(query), ...given({ models, asOf }) };
    const found = await explainConversion(context, workspace, params.id, input);
    return found.ok
      ? answer(200, toConversionExplanationResponse(found.value))
      : toAttributionRefusal(found);
  },
});

const models = defineRoute({
  method: 'get',
  path: '/attribution/models',
  operationId: 'listAttributionModels',
  tag: 'Attribution',
  summary: 'Every model, with its parameters',
  scope: 'read',
  responses: { 200: { description: 'The models', schema: modelResponse.array() } },
  handle: () => Promise.resolve(answer(200, listModels())),
});

export const attributionRoutes = [report, paths, pathsExport, credits, visitor, explain, models];
