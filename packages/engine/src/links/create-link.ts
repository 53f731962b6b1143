import type { Context } from '../context.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { isActivePartner } from '../partners/get-partner.ts';
import { hashPassword } from '../security/password-hash.ts';
import type { Tx, WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import { normaliseHost } from '../workspaces/domain.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { holdKeyCase } from './key-case-store.ts';
import { announceLinkChange, publishLinkChange } from './link-change.ts';
import { draftLink } from './draft-link.ts';
import { findMissingFolders } from './folder-store.ts';
import { generateKey, isReservedKey } from './link-key.ts';
import {
  findLinkByExternalId,
  findLinkByKey,
  insertLink,
  isVerifiedDomain,
  updatePassword,
} from './link-store.ts';
import { inactivePartner, noSuchFolder } from './link-refusals.ts';
import type { Link, LinkChanges } from './link.ts';

export interface LinkInput extends LinkChanges {
  /**
   * The host of the short link.
   * @default the first of the configured link domains
   */
  readonly domain?: string | null | undefined;
  /**
   * 1 to 255 letters, digits, `-` or `_`; several such parts between `/`, of which the last ones may be `:name` or `*`.
   * @default seven random letters and digits
   */
  readonly key?: string | null | undefined;
  /** Where the link leads. */
  readonly url: string;
  /** A template of UTM values for what is not given. @default the one that is the default of the workspace */
  readonly utmTemplateId?: string | null | undefined;
}

export interface CreatedLink extends Link {
  /** Whether the workspace may serve the domain now. The link answers as soon as it may. */
  readonly domainVerified: boolean;
}

export type CreateLinkRefusal = Refusal & {
  readonly code: 'invalid_link' | 'link_key_taken' | 'external_id_taken';
};

const attemptsMax = 10;

/**
 * Creates a short link.
 * @example
 * const link = await createLink(context, workspace, { domain: 'mybrand.link', key: 'launch', url: 'https://example.com' });
 */
export async function createLink(
  context: Context,
  workspace: Workspace,
  input: LinkInput,
  options?: WriteOptions,
): Promise<Result<CreatedLink, CreateLinkRefusal>> {
  const drafted = await draftLink(context, workspace, input, options);
  if (!drafted.ok) return drafted;
  const { key: chosenKey, ...draft } = drafted.value;
  const { domain } = draft;
  const passwordHash = input.password == null ? null : await hashPassword(input.password);
  // Asked before the transaction begins: the embedded database has one connection.
  const served =
    options?.tx === undefined ? await servesDomain(context, workspace, domain) : undefined;

  const result = await inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<CreatedLink, CreateLinkRefusal>> => {
      if (draft.partnerId !== null && !(await isActivePartner(tx, workspace.id, draft.partnerId)))
        return inactivePartner();
      const caseSensitive = await holdKeyCase(tx, workspace.id, domain);
      const missing = await findMissingFolders(tx, workspace.id, [draft.folderId]);
      if (missing.size > 0) return noSuchFolder();
      for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
        const key = chosenKey ?? generateFreeKey(context);
        const link: Link = { ...draft, key, caseSensitive };
        if (await insertLink(tx, link)) {
          if (passwordHash !== null) await updatePassword(tx, workspace.id, link.id, passwordHash);
          await publishLinkChange(context, tx, { link }, 'link.created');
          return ok({
            ...link,
            domainVerified: served ?? (await servesDomainInside(context, tx, workspace, domain)),
          });
        }
        const refusal = await explainConflict(tx, link, chosenKey !== undefined);
        if (refusal !== undefined) return refusal;
      }
      return keyTaken();
    },
  );
  if (result.ok) announceLinkChange(context, result.value);
  return result;
}

/** Which of the two unique fields was taken; `undefined` when another attempt may succeed. */
async function explainConflict(
  tx: Tx,
  link: Link,
  keyWasChosen: boolean,
): Promise<CreateLinkRefusal | undefined> {
  if (
    link.externalId !== null &&
    (await findLinkByExternalId(tx, link.workspaceId, link.externalId)) !== undefined
  ) {
    return externalIdTaken();
  }
  if (
    keyWasChosen &&
    (await findLinkByKey(tx, link.workspaceId, link.domain, link.key)) !== undefined
  ) {
    return keyTaken();
  }
  return undefined;
}

/** GoodAnalytics' words. */
export function keyTaken() {
  return refuse('link_key_taken', 'A link with this domain and key already exists.', {
    key: ['is taken'],
  });
}

export function externalIdTaken() {
  return refuse('external_id_taken', 'Another link has this external id.', {
    externalId: ['is taken'],
  });
}

export function generateFreeKey(context: Context): string {
  const basePath = context.options.basePath ?? '/hw';
  for (;;) {
    const key = generateKey();
    if (!isReservedKey(key, basePath)) return key;
  }
}

async function servesDomain(
  context: Context,
  workspace: Workspace,
  domain: string,
): Promise<boolean> {
  return (await context.workspaces.forHost(domain))?.id === workspace.id;
}

async function servesDomainInside(
  context: Context,
  tx: Tx,
  workspace: Workspace,
  domain: string,
): Promise<boolean> {
  if (context.options.links?.domains?.some((host) => normaliseHost(host) === domain) === true) {
    return (await context.workspaces.first()).id === workspace.id;
  }
  return isVerifiedDomain(tx, workspace.id, domain);
}
