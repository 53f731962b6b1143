import type { Context } from '../context.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { isActivePartner } from '../partners/get-partner.ts';
import type { Tx, WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import { normaliseHost } from '../workspaces/domain.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { holdKeyCase } from './key-case-store.ts';
import { announceLinkChange, publishLinkChange } from './link-change.ts';
import { generateKey, isReservedKey, keyProblem } from './link-key.ts';
import { findLinkByExternalId, findLinkByKey, insertLink, isVerifiedDomain } from './link-store.ts';
import { changeLink, emptyLink } from './link.ts';
import type { FieldErrors, Link, LinkChanges } from './link.ts';

export interface LinkInput extends LinkChanges {
  /**
   * The host of the short link.
   * @default the first of the configured link domains
   */
  readonly domain?: string | null | undefined;
  /**
   * 1 to 255 letters, digits, `-` or `_`.
   * @default seven random letters and digits
   */
  readonly key?: string | null | undefined;
  /** Where the link leads. */
  readonly url: string;
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
  const basePath = context.options.basePath ?? '/hw';
  const errors: FieldErrors = {};

  const domain = readDomain(context, input.domain, errors);
  const chosenKey = input.key ?? undefined;
  if (chosenKey !== undefined) {
    const problem = keyProblem(chosenKey, basePath);
    if (problem !== undefined) errors['key'] = [problem];
  }
  const changed = changeLink(emptyLink, input, {
    appSchemes: appSchemesOf(context, workspace),
    domain: domain ?? '',
  });
  Object.assign(errors, changed.errors);
  if (domain === undefined || Object.keys(errors).length > 0) return invalidLink(errors);

  const now = context.clock.now();
  const draft = {
    ...changed.fields,
    workspaceId: workspace.id,
    id: context.createId(now),
    domain,
    archivedAt: null,
    createdAt: new Date(now),
    updatedAt: new Date(now),
  };
  // Asked before the transaction begins: the embedded database has one connection.
  const served =
    options?.tx === undefined ? await servesDomain(context, workspace, domain) : undefined;

  const result = await inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<CreatedLink, CreateLinkRefusal>> => {
      if (draft.partnerId !== null && !(await isActivePartner(tx, workspace.id, draft.partnerId)))
        return invalidLink(inactivePartner);
      const caseSensitive = await holdKeyCase(tx, workspace.id, domain);
      for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
        const key = chosenKey ?? generateFreeKey(basePath);
        const link: Link = { ...draft, key, caseSensitive };
        if (await insertLink(tx, link)) {
          await publishLinkChange(context, tx, link, 'link.created');
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
export const inactivePartner: FieldErrors = {
  partnerId: ['must reference an active partner in the same workspace'],
};

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

export function invalidLink(errors: FieldErrors) {
  const [field, problems] = Object.entries(errors)[0] ?? ['link', ['is invalid']];
  return refuse('invalid_link', `${field} ${problems[0]}.`, errors);
}

/** What destinations may use beside http and https: what the options and what the workspace allow. */
export function appSchemesOf(context: Context, workspace: Workspace): readonly string[] {
  return [...(context.options.links?.appSchemes ?? []), ...(workspace.settings.appSchemes ?? [])];
}

function readDomain(context: Context, input: unknown, errors: FieldErrors): string | undefined {
  const text = input ?? context.options.links?.domains?.[0];
  if (text === undefined) {
    errors['domain'] = ['is required'];
    return undefined;
  }
  const domain = typeof text === 'string' ? normaliseHost(text) : undefined;
  if (domain === undefined)
    errors['domain'] = ['must be a host name, with a port where it is not the usual one'];
  return domain;
}

function generateFreeKey(basePath: string): string {
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
