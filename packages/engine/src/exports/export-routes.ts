import type { Context } from '../context.ts';
import { exportTypes } from '../http/export-stream.ts';
import { answer, defineRoute } from '../http/route.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { exportLinks, exportSnapshot, exportStaticRedirects } from './export-links.ts';
import { linkExportContents, linkExportQuery } from './export-schema.ts';
import { linkExportTexts } from './export-texts.ts';

const exported = defineRoute({
  method: 'get',
  path: '/links/export',
  operationId: 'exportLinks',
  tag: 'Links',
  summary: 'All links as a file: data, redirects of another server, or a signed snapshot',
  description:
    '`nginx`, `caddy` and `netlify` are files of redirects; `snapshot` is what `headwater serve --snapshot` answers from. Links that such a file cannot hold truly (with a password, with limits, expired) are left out of these four.',
  scope: 'read',
  query: linkExportQuery,
  responses: { 200: { description: 'The file', contents: linkExportContents } },
  handle(context, workspace, { query }) {
    const { format, archived } = query;
    const content = contentOf(context, workspace, format, archived === 'with');
    const extension = { nginx: 'conf', caddy: 'caddyfile', netlify: 'txt', snapshot: 'ndjson' };
    const name = `links.${format in extension ? extension[format as keyof typeof extension] : format}`;
    const headers = {
      'content-type': typeOf(format),
      'content-disposition': `attachment; filename="${name}"`,
    };
    return Promise.resolve(answer(200, undefined, { content, headers }));
  },
});

type Format = (typeof linkExportQuery)['_output']['format'];

function contentOf(
  context: Context,
  workspace: Workspace,
  format: Format,
  archived: boolean,
): ReadableStream<Uint8Array> {
  const { scheme = 'https' } = context.options.links ?? {};
  switch (format) {
    case 'csv':
    case 'ndjson':
    case 'json':
      return encoded(
        linkExportTexts(format, exportLinks(context, workspace, { archived }), scheme),
      );
    case 'nginx':
    case 'caddy':
    case 'netlify':
      return encoded(exportStaticRedirects(context, workspace, { format }));
    case 'snapshot':
    default:
      return encoded(exportSnapshot(context, workspace));
  }
}

function typeOf(format: Format): string {
  if (format === 'csv' || format === 'ndjson') return exportTypes[format];
  if (format === 'json') return 'application/json; charset=utf-8';
  return format === 'snapshot' ? exportTypes.ndjson : 'text/plain; charset=utf-8';
}

function encoded(texts: AsyncIterable<string>): ReadableStream<Uint8Array> {
  return ReadableStream.from(texts).pipeThrough(new TextEncoderStream());
}

export const exportRoutes = [exported];
