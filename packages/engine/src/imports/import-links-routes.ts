import { answer, defineRoute } from '../http/route.ts';
import { importLinks } from './import-links.ts';
import {
  importLinksParams,
  importLinksResponse,
  toImportLinksResponse,
} from './import-links-schema.ts';

const imported = defineRoute({
  method: 'post',
  path: '/links/import',
  operationId: 'importLinks',
  tag: 'Links',
  summary: 'Take in the links of another product, from what it exports',
  description:
    'Each row has its own answer; what is here already is left alone unless an update is asked for, so the same file can be sent again. Clicks that were counted there stand in the metadata.',
  scope: 'write',
  body: importLinksParams,
  bytesMax: 2 * 1024 * 1024,
  responses: { 200: { description: 'What became of each row', schema: importLinksResponse } },
  refusals: ['validation_failed'],
  async handle(context, workspace, { body, options }) {
    const { from, content, domain, on_existing: onExisting, dry_run: dryRun } = body;
    const input = { from, content, domain, onExisting, dryRun };
    const report = await importLinks(context, workspace, input, options);
    return report.ok ? answer(200, toImportLinksResponse(report.value)) : report;
  },
});

export const importLinksRoutes = [imported];
