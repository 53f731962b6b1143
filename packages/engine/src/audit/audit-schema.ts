import * as z from 'zod';

import type { ExportShape } from '../http/export-stream.ts';
import {
  idOut,
  instant,
  jsonObject,
  pageQuery,
  text,
  timestampOut,
} from '../http/fields-schema.ts';
import type { AuditEntry } from './audit-entry.ts';
import type { ListAuditInput } from './list-audit.ts';

const filters = {
  actor: text(255)
    .optional()
    .meta({ description: 'The id of an API key, or what the host calls its caller' }),
  action: text(100).optional().meta({ example: 'link.updated' }),
  subject_type: text(100).optional().meta({ example: 'link' }),
  subject_id: text(255).optional(),
  since: instant.optional(),
  until: instant.optional(),
};

export const auditQuery = z.strictObject({ ...pageQuery(50), ...filters });

export const auditExportQuery = z.strictObject({
  ...filters,
  format: z.enum(['csv', 'ndjson']).default('ndjson'),
});

export function toAuditFilter(
  query: Omit<z.output<typeof auditExportQuery>, 'format'>,
): Omit<ListAuditInput, 'limit' | 'offset' | 'cursor'> {
  const { actor, action, subject_type: subjectType, subject_id: subjectId, since, until } = query;
  return { actor, action, subjectType, subjectId, since, until };
}

export const auditResponse = z
  .object({
    id: idOut,
    at: timestampOut,
    actor: z.string().nullable(),
    action: z.string().meta({ example: 'link.updated' }),
    subject_type: z.string().meta({ example: 'link' }),
    subject_id: z.string(),
    changes: jsonObject.meta({
      example: { url: { from: 'https://example.com/a', to: 'https://example.com/b' } },
    }),
  })
  .meta({ id: 'AuditEntryResponse' });

export function toAuditResponse(entry: AuditEntry): z.input<typeof auditResponse> {
  return {
    id: entry.id,
    at: entry.at.toISOString(),
    actor: entry.actor,
    action: entry.action,
    subject_type: entry.subject.type,
    subject_id: entry.subject.id,
    changes: { ...entry.changes },
  };
}

export const auditShape: ExportShape<AuditEntry> = {
  columns: ['id', 'at', 'actor', 'action', 'subject_type', 'subject_id', 'changes'],
  cells: ({ id, at, actor, action, subject, changes }) => [
    id,
    at.toISOString(),
    actor,
    action,
    subject.type,
    subject.id,
    JSON.stringify(changes),
  ],
  document: toAuditResponse,
};
