import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseField, refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { insertChange } from '../store/change-log.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import { normaliseHost } from '../workspaces/domain.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findLinkDomain, upsertLinkDomain } from './link-domain-store.ts';
import { linkDomainErrors } from './link-domain.ts';
import type { LinkDomainSettings } from './link-domain.ts';

export interface LinkDomain {
  readonly host: string;
  readonly settings: LinkDomainSettings;
}

/** What a host answers beside its links; nothing where nobody has set it. */
export async function getLinkDomain(
  context: Context,
  workspace: Workspace,
  { host: given }: { readonly host: string },
): Promise<LinkDomain> {
  const host = normaliseHost(given) ?? given;
  const settings = await findLinkDomain(context.database.db, workspace.id, host);
  return { host, settings: settings ?? {} };
}

/**
 * Sets what a host answers beside its links, all of it at once. It takes effect where the workspace serves the host;
 * whether it does is decided by the proof of the domain alone.
 */
export async function setLinkDomain(
  context: Context,
  workspace: Workspace,
  input: LinkDomain,
  options?: WriteOptions,
): Promise<Result<LinkDomain, ValidationRefusal>> {
  const host = normaliseHost(input.host);
  if (host === undefined) return refuseField('host', 'must be a host name');
  const errors = linkDomainErrors(host, input.settings);
  if (Object.keys(errors).length > 0) return refuseFields(errors);
  const { settings } = input;
  const at = new Date(context.clock.now());
  const news = { workspaceId: workspace.id, topic: 'domain', subject: { host } } as const;
  await inTransaction(context.database, options, async (tx) => {
    await upsertLinkDomain(tx, { workspaceId: workspace.id, host, settings, at });
    await insertChange(tx, { ...news, id: context.createId(at.getTime()), at });
  });
  context.changeLog.announce(news);
  return ok({ host, settings });
}
