import * as z from 'zod';

import { findJsonProblem, fieldName } from '../kernel/json-limits.ts';
import { issueMessage } from '../http/issue-message.ts';
import { answerRefusal, refuseZod } from '../http/errors.ts';
import { idOut, uuid } from '../http/fields-schema.ts';
import type { RefusalCode } from '../http/refusal-codes.ts';
import { ok } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { ChangedLink } from './change-links.ts';
import { linkParams, linkResponse, linkUpdateParams } from './link-schema.ts';
import type { SavedLink } from './save-links.ts';
import { batchLinksMax } from './save-links.ts';

const onExisting = z.enum(['refuse', 'update', 'skip']);

function items<Item extends z.ZodType>(item: Item) {
  return z
    .array(item)
    .min(1, { error: 'must have at least one entry' })
    .max(batchLinksMax, { error: `must have at most ${batchLinksMax} entries` });
}

const creation = {
  on_existing: onExisting.default('refuse').meta({
    description: 'What happens where a link has the external id, or the domain and key, already',
  }),
  dry_run: z
    .boolean()
    .default(false)
    .meta({ description: 'Says what would happen, and writes nothing' }),
};

/** Items are judged one by one: what is wrong with one is said in its place. */
export const linkBatchParams = z.strictObject({ links: items(z.unknown()), ...creation });

export const documentedLinkBatchParams = z
  .object({ links: items(linkParams), ...creation })
  .meta({ id: 'LinkBatchParams' });

const linkChangeParams = linkUpdateParams
  .extend({ id: uuid })
  .meta({ id: 'LinkChangeParams', description: 'What is absent stays, `null` clears.' });

export const linkChangesParams = z.strictObject({ links: items(z.unknown()) });

export const documentedLinkChangesParams = z
  .object({ links: items(linkChangeParams) })
  .meta({ id: 'LinkChangesParams' });

export const archiveLinksParams = z
  .strictObject({ ids: items(z.string()) })
  .meta({ id: 'ArchiveLinksParams' });

export const linkBatchResponse = z
  .object({
    results: z.array(
      z.object({
        index: z.number().meta({ type: 'integer' }),
        status: z.enum(['ok', 'error']),
        outcome: z.enum(['created', 'updated', 'archived', 'unchanged', 'skipped', 'refused']),
        id: idOut.optional(),
        link: linkResponse.optional(),
        error: z.string().optional(),
        code: z.string().optional(),
        errors: z.record(z.string(), z.array(z.string())).optional(),
      }),
    ),
  })
  .meta({ id: 'LinkBatchResponse' });

export type LinkBatchItem = z.input<typeof linkBatchResponse>['results'][number];

export function readLinkItem(
  item: unknown,
): Result<z.output<typeof linkParams>, ValidationRefusal> {
  return readItem(linkParams, item);
}

export function readLinkChangeItem(
  item: unknown,
): Result<z.output<typeof linkChangeParams>, ValidationRefusal> {
  return readItem(linkChangeParams, item);
}

function readItem<Schema extends z.ZodType>(
  schema: Schema,
  item: unknown,
): Result<z.output<Schema>, ValidationRefusal> {
  const problem = findJsonProblem(item);
  if (problem !== undefined) return refuseField(fieldName(problem.path) || 'link', problem.message);
  const parsed = schema.safeParse(item, { error: issueMessage });
  return parsed.success ? ok(parsed.data) : refuseZod(parsed.error);
}

/** What became of one link; shown by whoever can show it. */
export function toBatchItem(
  index: number,
  result: SavedLink | ChangedLink,
  link: LinkBatchItem['link'],
): LinkBatchItem {
  if (result.outcome === 'refused') return toRefusedItem(index, result.refusal);
  const { outcome } = result;
  return { index, status: 'ok', outcome, ...(link !== undefined && { id: link.id, link }) };
}

export function toRefusedItem(
  index: number,
  refusal: Refusal & { readonly code: RefusalCode },
): LinkBatchItem {
  const { error, code, errors } = answerRefusal(refusal).body;
  return {
    index,
    status: 'error',
    outcome: 'refused',
    error,
    code,
    ...(errors !== undefined && {
      errors: Object.fromEntries(
        Object.entries(errors).map(([field, messages]) => [field, [...messages]]),
      ),
    }),
  };
}
