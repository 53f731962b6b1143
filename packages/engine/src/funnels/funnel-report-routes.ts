import { exportStream, exportTypes, onePage } from '../http/export-stream.ts';
import type { ExportFormat } from '../http/export-stream.ts';
import { answer, defineRoute } from '../http/route.ts';
import { renameFields } from '../kernel/validation.ts';
import { funnelPeople } from './funnel-people.ts';
import {
  funnelPathResponse,
  funnelReportResponse,
  peopleParams,
  peopleQuery,
  reportExportParams,
  reportExportQuery,
  reportParams,
  reportQuery,
  toPathResponse,
  toPeopleInput,
  toPeopleQuestion,
  toReportInput,
  toReportQuestion,
  toFunnelReportResponse,
} from './funnel-report-schema.ts';
import {
  funnelExport,
  funnelRowResponse,
  funnelShape,
  toFunnelRows,
} from './funnel-export-schema.ts';
import type { FunnelReport } from './funnel-report.ts';
import { funnelIdParams, funnelWireNames } from './funnel-schema.ts';
import { reportFunnel } from './report-funnel.ts';

const counting =
  'Who enters in the period counts, once, with the attempt that got furthest; merged visitors are one person, and ' +
  'machines are none. The steps after the first may come after the period, as long as the window is open.';

const reports = { 200: { description: 'The report', schema: funnelReportResponse } };
const exports = {
  200: {
    description: 'A row for each step: of everybody, of each group of the dimension, of the others',
    contents: { 'text/csv': funnelExport, 'application/x-ndjson': funnelRowResponse },
  },
};
const lists = {
  200: { description: 'The people', schema: funnelPathResponse.array(), paged: true },
} as const;

const report = defineRoute({
  method: 'get',
  path: '/funnels/{id}/report',
  operationId: 'reportFunnel',
  tag: 'Funnels',
  summary: 'How far people come in a funnel',
  description: counting,
  scope: 'read',
  params: funnelIdParams,
  query: reportQuery,
  responses: reports,
  refusals: ['validation_failed', 'funnel_not_found'],
  async handle(context, workspace, { params, query }) {
    const made = await reportFunnel(context, workspace, params.id, toReportInput(query));
    return made.ok ? answer(200, toFunnelReportResponse(made.value)) : made;
  },
});

const reportOfDefinition = defineRoute({
  method: 'post',
  path: '/funnels/report',
  operationId: 'reportFunnelDefinition',
  tag: 'Funnels',
  summary: 'The same of a funnel that is not stored',
  description: counting,
  scope: 'read',
  body: reportParams,
  responses: reports,
  refusals: ['validation_failed', 'funnel_not_found'],
  async handle(context, workspace, { body }) {
    const { definition, input } = toReportQuestion(body);
    const made = await reportFunnel(context, workspace, definition, input);
    return made.ok
      ? answer(200, toFunnelReportResponse(made.value))
      : renameFields(made, funnelWireNames);
  },
});

const exportOfReport = defineRoute({
  method: 'get',
  path: '/funnels/{id}/report/export',
  operationId: 'exportFunnelReport',
  tag: 'Funnels',
  summary: 'The report of a funnel as CSV or NDJSON',
  scope: 'read',
  params: funnelIdParams,
  query: reportExportQuery,
  responses: exports,
  refusals: ['validation_failed', 'funnel_not_found'],
  async handle(context, workspace, { params, query: { format, ...query } }) {
    const made = await reportFunnel(context, workspace, params.id, toReportInput(query));
    return made.ok ? exported(format, made.value) : made;
  },
});

const exportOfDefinition = defineRoute({
  method: 'post',
  path: '/funnels/report/export',
  operationId: 'exportFunnelDefinitionReport',
  tag: 'Funnels',
  summary: 'The same of a funnel that is not stored',
  scope: 'read',
  body: reportExportParams,
  responses: exports,
  refusals: ['validation_failed', 'funnel_not_found'],
  async handle(context, workspace, { body: { format, ...body } }) {
    const { definition, input } = toReportQuestion(body);
    const made = await reportFunnel(context, workspace, definition, input);
    return made.ok ? exported(format, made.value) : renameFields(made, funnelWireNames);
  },
});

function exported(format: ExportFormat, made: FunnelReport) {
  return answer(200, undefined, {
    content: exportStream(format, funnelShape, onePage(toFunnelRows(made))),
    headers: { 'content-type': exportTypes[format] },
  });
}

const people = defineRoute({
  method: 'get',
  path: '/funnels/{id}/people',
  operationId: 'listFunnelPeople',
  tag: 'Funnels',
  summary: 'The people behind a number of the report, who reached the step last first',
  scope: 'read',
  params: funnelIdParams,
  query: peopleQuery,
  responses: lists,
  refusals: ['validation_failed', 'invalid_query', 'funnel_not_found'],
  async handle(context, workspace, { params, query }) {
    const found = await funnelPeople(context, workspace, params.id, toPeopleInput(query));
    return found.ok ? answer(200, found.value.people.map(toPathResponse), found.value) : found;
  },
});

const peopleOfDefinition = defineRoute({
  method: 'post',
  path: '/funnels/people',
  operationId: 'listFunnelDefinitionPeople',
  tag: 'Funnels',
  summary: 'The same of a funnel that is not stored',
  scope: 'read',
  body: peopleParams,
  responses: lists,
  refusals: ['validation_failed', 'invalid_query', 'funnel_not_found'],
  async handle(context, workspace, { body }) {
    const { definition, input } = toPeopleQuestion(body);
    const found = await funnelPeople(context, workspace, definition, input);
    return found.ok
      ? answer(200, found.value.people.map(toPathResponse), found.value)
      : renameFields(found, funnelWireNames);
  },
});

export const funnelReportRoutes = [
  report,
  reportOfDefinition,
  exportOfReport,
  exportOfDefinition,
  people,
  peopleOfDefinition,
];
