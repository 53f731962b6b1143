import { changedFields } from '../audit/audit-entry.ts';
import type { Context } from '../context.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { Tx, WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { externalIdTaken, generateFreeKey, keyTaken } from './create-link.ts';
import type { LinkInput } from './create-link.ts';
import { findInactivePartners } from '../partners/get-partner.ts';
import { appSchemesOf, draftWith } from './draft-link.ts';
import { hashPasswords } from './link-passwords.ts';
import { stampVariants } from './link-routing.ts';
import { updatePassword } from './link-store.ts';
import type { LinkDraft } from './draft-link.ts';
import { findMissingFolders } from './folder-store.ts';
import { holdKeyCase } from './key-case-store.ts';
import { findLinksByExternalIds, findLinksByKeys } from './link-batch-store.ts';
import { announceLinkChange, publishLinkChanges } from './link-change.ts';
import type { LinkChange } from './link-change.ts';
import { inactivePartner, invalidLink, noSuchFolder } from './link-refusals.ts';
import { lockLink } from './link-store.ts';
import { changeLink } from './link.ts';
import type { Link } from './link.ts';
import { afresh } from './update-link.ts';
import { selectUtmTemplates } from './utm-template-store.ts';
import { writeChanged, writeNew } from './write-links.ts';

export const batchLinksMax = 1_000;

/** What happens where a link has the external id, or the domain and key, already. */
export type OnExisting = 'refuse' | 'update' | 'skip';

export interface SaveLinksOptions extends WriteOptions {
  readonly onExisting: OnExisting;
  /** Says what would happen, and writes nothing. @default false */
  readonly dryRun?: boolean | undefined;
}

export type SaveLinkRefusal = Refusal & {
  readonly code: 'invalid_link' | 'link_key_taken' | 'external_id_taken';
};

/** What became of one link, in the order in which they were given. */
export type SavedLink =
  | {
      readonly outcome: 'created' | 'updated' | 'unchanged' | 'skipped';
      /** After it. A key that a dry run would generate is empty. */
      readonly link: Link;
    }
  | { readonly outcome: 'refused'; readonly refusal: SaveLinkRefusal };

export type TooManyLinks = Refusal & { readonly code: 'validation_failed' };

/**
 * Creates links, or changes those that are there. Each one is judged by itself: a refused one leaves the others alone.
 * An existing link is the one with the external id, else the one with the domain and key; what an update does not
 * name stays as it is.
 */
export async function saveLinks(
  context: Context,
  workspace: Workspace,
  inputs: readonly LinkInput[],
  options: SaveLinksOptions,
): Promise<Result<readonly SavedLink[], TooManyLinks>> {
  if (inputs.length > batchLinksMax) return tooManyLinks();
  const db = options.tx === undefined ? context.database.db : context.database.join(options.tx);
  const templates = await selectUtmTemplates(db, workspace.id);
  const drafts = inputs.map((input) =>
    draftWith(context, workspace, input, (id) =>
      templates.find((template) => (id === undefined ? template.isDefault : template.id === id)),
    ),
  );
  const isDry = options.dryRun === true;
  const passwords = await hashPasswords(isDry ? [] : inputs);
  const changes: LinkChange[] = [];
  const saved = await inTransaction(context.database, options, async (tx) => {
    const batch = await openBatch(context, tx, workspace, { inputs, drafts, options });
    const results = batch.results;
    if (isDry) return results;
    await writeNew(context, tx, batch);
    await writeChanged(tx, batch);
    for (const [index, hash] of passwords) {
      const link = batch.creations.get(index) ?? batch.updates.get(index)?.link;
      if (link !== undefined) await updatePassword(tx, workspace.id, link.id, hash);
    }
    const made = [...batch.creations.values()].map((link) => ({ link }));
    const updated = [...batch.updates.values()];
    await publishLinkChanges(context, tx, made, 'link.created');
    await publishLinkChanges(context, tx, updated, 'link.updated');
    changes.push(...made, ...updated);
    return results;
  });
  for (const { link } of changes) announceLinkChange(context, link);
  return ok(saved);
}

interface RevisedLink extends LinkChange {
  readonly before: Link;
}

export interface LinkBatch {
  readonly results: SavedLink[];
  /** By their place among the inputs. */
  readonly creations: Map<number, Link>;
  readonly updates: Map<number, RevisedLink>;
  /** Whose key may be another one as well. */
  readonly generated: ReadonlySet<number>;
}

/** Decides for each link what is to happen, and locks what will change. */
async function openBatch(
  context: Context,
  tx: Tx,
  workspace: Workspace,
  {
    inputs,
    drafts,
    options,
  }: {
    readonly inputs: readonly LinkInput[];
    readonly drafts: ReadonlyArray<ReturnType<typeof draftWith>>;
    readonly options: SaveLinksOptions;
  },
): Promise<LinkBatch> {
  const good = drafts.flatMap((draft) => (draft.ok ? [draft.value] : []));
  const caseSensitive = new Map<string, boolean>();
  // In one order: the locks of two batches never wait for one another.
  for (const domain of [...new Set(good.map((draft) => draft.domain))].sort())
    caseSensitive.set(domain, await holdKeyCase(tx, workspace.id, domain));
  const missingFolders = await findMissingFolders(
    tx,
    workspace.id,
    good.map(({ folderId }) => folderId),
  );
  const inactivePartners = await findInactivePartners(
    tx,
    workspace.id,
    good.map(({ partnerId }) => partnerId),
  );
  const existing = await findExisting(tx, workspace, good, caseSensitive);
  const results: SavedLink[] = [];
  const creations = new Map<number, Link>();
  const updates = new Map<number, RevisedLink>();
  const generated = new Set<number>();
  const seen = new Set<string>();
  for (const [index, draft] of drafts.entries()) {
    const result = await decide(draft);
    results[index] = result;

    async function decide(given: typeof draft): Promise<SavedLink> {
      if (!given.ok) return refused(given);
      const { value } = given;
      if (value.folderId !== null && missingFolders.has(value.folderId))
        return refused(noSuchFolder());
      if (value.partnerId !== null && inactivePartners.has(value.partnerId))
        return refused(inactivePartner());
      const names = namesOf(value, caseSensitive.get(value.domain) !== false);
      if (names.some((name) => seen.has(name))) return refused(twice(names, seen));
      for (const name of names) seen.add(name);
      const [byExternalId, byKey] = existing.of(value);
      if (byExternalId !== undefined && byKey !== undefined && byExternalId.id !== byKey.id)
        return refused(keyTaken());
      const before = byExternalId ?? byKey;
      if (before === undefined) return create(value);
      if (options.onExisting === 'skip') return { outcome: 'skipped', link: before };
      if (options.onExisting === 'refuse')
        return refused(byExternalId === undefined ? keyTaken() : externalIdTaken());
      return update(before.id, value);
    }

    function create(value: LinkDraft): SavedLink {
      if (value.key === undefined) generated.add(index);
      const key = value.key ?? (options.dryRun === true ? '' : generateFreeKey(context));
      const link: Link = { ...value, key, caseSensitive: caseSensitive.get(value.domain) ?? true };
      creations.set(index, link);
      return { outcome: 'created', link };
    }

    async function update(id: string, value: LinkDraft): Promise<SavedLink> {
      const before = await lockLink(tx, workspace.id, id);
      // Somebody has archived it since it was looked for.
      if (before === undefined || before.archivedAt !== null) return create(value);
      const input = inputs[index]!;
      const { fields, errors } = changeLink(before, input, {
        appSchemes: appSchemesOf(context, workspace),
        domain: before.domain,
        key: before.key,
      });
      if (value.key !== undefined && !isSameKey(before, value))
        errors['key'] = ['cannot be changed'];
      if (input.domain !== undefined && value.domain !== before.domain)
        errors['domain'] = ['cannot be changed'];
      if (Object.keys(errors).length > 0) return refused(invalidLink(errors));
      const { password } = input;
      const link = afresh(before, {
        ...before,
        ...fields,
        routing: stampVariants(fields.routing, before.routing, value.updatedAt.getTime()),
        isProtected: password === undefined ? before.isProtected : password !== null,
        updatedAt: value.updatedAt,
      });
      if (
        password === undefined &&
        Object.keys(changedFields({ ...before, updatedAt: 0 }, { ...link, updatedAt: 0 }))
          .length === 0
      )
        return { outcome: 'unchanged', link: before };
      updates.set(index, { link, before });
      return { outcome: 'updated', link };
    }
  }
  return { results, creations, updates, generated };
}

/** Two queries for any number of links. */
async function findExisting(
  tx: Tx,
  workspace: Workspace,
  drafts: readonly LinkDraft[],
  caseSensitive: ReadonlyMap<string, boolean>,
): Promise<{ of(draft: LinkDraft): readonly [Link | undefined, Link | undefined] }> {
  const ids = drafts.map(({ externalId }) => externalId).filter((id) => id !== null);
  const keys = drafts.flatMap(({ domain, key }) => (key === undefined ? [] : [{ domain, key }]));
  const byExternalId = new Map(
    (await findLinksByExternalIds(tx, workspace.id, ids)).map((link) => [link.externalId, link]),
  );
  const nameOf = ({ domain, key }: { readonly domain: string; readonly key: string }): string =>
    `${domain} ${caseSensitive.get(domain) === false ? key.toLowerCase() : key}`;
  const byKey = new Map(
    (await findLinksByKeys(tx, workspace.id, keys)).map((link) => [nameOf(link), link]),
  );
  return {
    of: ({ externalId, domain, key }) => [
      externalId === null ? undefined : byExternalId.get(externalId),
      key === undefined ? undefined : byKey.get(nameOf({ domain, key })),
    ],
  };
}

function refused(refusal: SaveLinkRefusal): SavedLink {
  return { outcome: 'refused', refusal };
}

function namesOf({ domain, key, externalId }: LinkDraft, hasCase: boolean): string[] {
  return [
    ...(key === undefined ? [] : [`key ${domain} ${hasCase ? key : key.toLowerCase()}`]),
    ...(externalId === null ? [] : [`id ${externalId}`]),
  ];
}

function twice(names: readonly string[], seen: ReadonlySet<string>): SaveLinkRefusal {
  const isKey = names.some((name) => name.startsWith('key ') && seen.has(name));
  const field = isKey ? 'key' : 'externalId';
  const code = isKey ? 'link_key_taken' : 'external_id_taken';
  return refuse(code, 'The same link is given twice.', { [field]: ['is given twice'] });
}

function isSameKey(before: Link, value: LinkDraft): boolean {
  return before.caseSensitive
    ? before.key === value.key
    : before.key.toLowerCase() === value.key?.toLowerCase();
}

export function tooManyLinks(): TooManyLinks {
  const rule = `must have at most ${batchLinksMax} entries`;
  return refuse('validation_failed', `links ${rule}.`, { links: [rule] });
}
