import * as z from 'zod';

import { exportStream, exportTypes } from '../http/export-stream.ts';
import { answer, defineRoute } from '../http/route.ts';
import {
  auditExportQuery,
  auditQuery,
  auditResponse,
  auditShape,
  toAuditFilter,
  toAuditResponse,
} from './audit-schema.ts';
import { exportAudit, listAudit } from './list-audit.ts';

const list = defineRoute({
  method: 'get',
  path: '/audit',
  operationId: 'listAudit',
  tag: 'Workspace',
  summary: 'Who changed what, newest first',
  scope: 'admin',
  query: auditQuery,
  responses: { 200: { description: 'The entries', schema: auditResponse.array(), paged: true } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const { limit, offset, cursor } = query;
    const found = await listAudit(context, workspace, {
      ...toAuditFilter(query),
      limit,
      offset,
      cursor,
    });
    return found.ok ? answer(200, found.value.entries.map(toAuditResponse), found.value) : found;
  },
});

const exported = defineRoute({
  method: 'get',
  path: '/audit/export',
  operationId: 'exportAudit',
  tag: 'Workspace',
  summary: 'The audit log as CSV or NDJSON',
  scope: 'admin',
  query: auditExportQuery,
  responses: {
    200: {
      description: 'The entries, newest first',
      contents: { 'text/csv': z.string(), 'application/x-ndjson': z.string() },
    },
  },
  handle(context, workspace, { query }) {
    const content = exportStream(
      query.format,
      auditShape,
      exportAudit(context, workspace, toAuditFilter(query)),
    );
    const headers = { 'content-type': exportTypes[query.format] };
    return Promise.resolve(answer(200, undefined, { content, headers }));
  },
});

export const auditRoutes = [list, exported];
