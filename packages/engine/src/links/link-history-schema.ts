import * as z from 'zod';

import { idOut, jsonObject, pageQuery, timestampOut, uuid } from '../http/fields-schema.ts';
import type { LinkHealth } from './link-health.ts';
import type { ToldVersion } from './link-history.ts';
import { linkUpdateParams, toLinkChanges } from './link-schema.ts';

export const linkVersionQuery = z.strictObject(pageQuery(50));
export const linkVersionParams = z.object({ link_id: uuid, version_id: uuid });

export const linkVersionResponse = z
  .object({
    id: idOut,
    at: timestampOut,
    actor: z
      .string()
      .nullable()
      .meta({ description: 'The id of an API key, or what the host calls its caller' }),
    action: z.string().meta({ example: 'link.updated' }),
    changes: jsonObject.meta({
      example: { url: { from: 'https://example.com/a', to: 'https://example.com/b' } },
    }),
    snapshot: jsonObject.meta({ description: 'The link as it was after it' }),
  })
  .meta({ id: 'LinkVersionResponse' });

export function toLinkVersionResponse(version: ToldVersion): z.input<typeof linkVersionResponse> {
  const { id, at, actor, action, changes, snapshot } = version;
  return {
    id,
    at: at.toISOString(),
    actor,
    action,
    changes: { ...changes },
    snapshot: { ...snapshot },
  };
}

export const duplicateParams = linkUpdateParams
  .extend({
    domain: z.string().nullish().meta({ description: 'Default: the domain of the link' }),
    key: z.string().nullish().meta({ description: 'Default: seven random letters and digits' }),
  })
  .meta({ id: 'DuplicateLinkParams', description: 'What is to differ from the link.' });

export function toDuplicateChanges(body: z.output<typeof duplicateParams>) {
  const { domain, key, ...fields } = body;
  return { ...toLinkChanges(fields), domain, key };
}

export const linkHealthResponse = z
  .object({
    status: z.enum(['unknown', 'up', 'down']),
    failures: z.number().meta({ type: 'integer', description: 'Since the last success' }),
    http_status: z.number().nullable(),
    problem: z.string().nullable().meta({ example: 'answers 503' }),
    checked_at: timestampOut.nullable(),
    down_since: timestampOut.nullable(),
    due_at: timestampOut.nullable().meta({ description: 'When it is looked at next' }),
  })
  .meta({ id: 'LinkHealthResponse' });

export function toLinkHealthResponse(
  health: Omit<LinkHealth, 'dueAt'> & { readonly dueAt: Date | null },
): z.input<typeof linkHealthResponse> {
  return {
    status: health.status,
    failures: health.failures,
    http_status: health.httpStatus,
    problem: health.problem,
    checked_at: health.checkedAt?.toISOString() ?? null,
    down_since: health.downSince?.toISOString() ?? null,
    due_at: health.dueAt?.toISOString() ?? null,
  };
}
