import type { Context } from '../context.ts';
import { answer, defineRoute } from '../http/route.ts';
import type { Result } from '../kernel/result.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { archiveLinks, updateLinks } from './change-links.ts';
import type { ChangedLink } from './change-links.ts';
import {
  archiveLinksParams,
  documentedLinkBatchParams,
  documentedLinkChangesParams,
  linkBatchParams,
  linkBatchResponse,
  linkChangesParams,
  readLinkChangeItem,
  readLinkItem,
  toBatchItem,
  toRefusedItem,
} from './link-batch-schema.ts';
import type { LinkBatchItem } from './link-batch-schema.ts';
import { linkParams, linkResponse, toLinkChanges, toLinkInput } from './link-schema.ts';
import { presentLink, presentLinks } from './present-links.ts';
import { saveLinks } from './save-links.ts';
import type { SavedLink } from './save-links.ts';

const bytesMax = 2 * 1024 * 1024;
const eachByItself =
  'Each link has its own answer in its place; one that is refused does not touch the others. Webhooks are told of each.';

const upsert = defineRoute({
  method: 'put',
  path: '/links/upsert',
  operationId: 'upsertLink',
  tag: 'Links',
  summary: 'Create a link, or change the one that is there',
  description:
    'The one with the external id, else the one with the domain and key. What is not given stays as it is.',
  scope: 'write',
  body: linkParams,
  responses: {
    200: { description: 'The link was there', schema: linkResponse },
    201: { description: 'The link was made', schema: linkResponse },
  },
  refusals: ['validation_failed', 'invalid_link', 'link_key_taken', 'external_id_taken'],
  async handle(context, workspace, { body, options }) {
    const saved = await saveLinks(context, workspace, [toLinkInput(body)], {
      ...options,
      onExisting: 'update',
    });
    if (!saved.ok) return saved;
    const [result] = saved.value;
    if (result!.outcome === 'refused') return result!.refusal;
    return answer(
      result!.outcome === 'created' ? 201 : 200,
      await presentLink(context, workspace, result!.link),
    );
  },
});

const create = defineRoute({
  method: 'post',
  path: '/links/batch',
  operationId: 'createLinks',
  tag: 'Links',
  summary: 'Create up to 1,000 links, or change those that are there',
  description: eachByItself,
  scope: 'write',
  body: linkBatchParams,
  documentedBody: documentedLinkBatchParams,
  checksWholeBody: false,
  bytesMax,
  responses: {
    200: { description: 'A dry run in which nothing would be refused', schema: linkBatchResponse },
    201: { description: 'None is refused', schema: linkBatchResponse },
    207: { description: 'Some or all of them are refused', schema: linkBatchResponse },
  },
  refusals: ['validation_failed'],
  async handle(context, workspace, { body, options }) {
    const items = body.links.map(readLinkItem);
    const inputs = items.flatMap((item) => (item.ok ? [toLinkInput(item.value)] : []));
    const { on_existing: onExisting, dry_run: dryRun } = body;
    const saved = await saveLinks(context, workspace, inputs, { ...options, onExisting, dryRun });
    if (!saved.ok) return saved;
    const results = await describe(context, workspace, items, saved.value, dryRun);
    const good = dryRun ? 200 : 201;
    return answer(results.every(({ status }) => status === 'ok') ? good : 207, { results });
  },
});

const update = defineRoute({
  method: 'patch',
  path: '/links/batch',
  operationId: 'updateLinks',
  tag: 'Links',
  summary: 'Change up to 1,000 links',
  description: eachByItself,
  scope: 'write',
  body: linkChangesParams,
  documentedBody: documentedLinkChangesParams,
  checksWholeBody: false,
  bytesMax,
  responses: {
    200: { description: 'None is refused', schema: linkBatchResponse },
    207: { description: 'Some or all of them are refused', schema: linkBatchResponse },
  },
  refusals: ['validation_failed'],
  async handle(context, workspace, { body, options }) {
    const items = body.links.map(readLinkChangeItem);
    const inputs = items.flatMap((item) => {
      if (!item.ok) return [];
      const { id, ...changes } = item.value;
      return [{ id, changes: toLinkChanges(changes) }];
    });
    const changed = await updateLinks(context, workspace, inputs, options);
    if (!changed.ok) return changed;
    const results = await describe(context, workspace, items, changed.value, false);
    return answer(results.every(({ status }) => status === 'ok') ? 200 : 207, { results });
  },
});

const archive = defineRoute({
  method: 'post',
  path: '/links/batch/archive',
  operationId: 'archiveLinks',
  tag: 'Links',
  summary: 'Archive up to 1,000 links',
  description: eachByItself,
  scope: 'write',
  body: archiveLinksParams,
  bytesMax,
  responses: {
    200: { description: 'None is refused', schema: linkBatchResponse },
    207: { description: 'Some or all of them are refused', schema: linkBatchResponse },
  },
  refusals: ['validation_failed'],
  async handle(context, workspace, { body, options }) {
    const archived = await archiveLinks(context, workspace, body.ids, options);
    if (!archived.ok) return archived;
    const results = archived.value.map((result, index): LinkBatchItem => {
      const item = toBatchItem(index, result, undefined);
      return result.outcome === 'refused' ? item : { ...item, id: result.link.id };
    });
    return answer(results.every(({ status }) => status === 'ok') ? 200 : 207, { results });
  },
});

export const linkBatchRoutes = [upsert, create, update, archive];

/** The answers in the places of the items; what could not be read has its own. */
async function describe(
  context: Context,
  workspace: Workspace,
  items: ReadonlyArray<Result<unknown, ValidationRefusal>>,
  results: ReadonlyArray<SavedLink | ChangedLink>,
  dryRun: boolean,
): Promise<LinkBatchItem[]> {
  const links = results.flatMap((result) => (result.outcome === 'refused' ? [] : [result.link]));
  const shown = dryRun ? [] : await presentLinks(context, workspace, links);
  const byId = new Map(shown.map((link) => [link.id, link]));
  const left = results.values();
  return items.map((item, index) => {
    if (!item.ok) return toRefusedItem(index, item);
    const result = left.next().value!;
    const link = result.outcome === 'refused' ? undefined : byId.get(result.link.id);
    const told = toBatchItem(index, result, link);
    // A dry run names the links that are there.
    return dryRun && result.outcome !== 'refused' && result.outcome !== 'created'
      ? { ...told, id: result.link.id }
      : told;
  });
}
