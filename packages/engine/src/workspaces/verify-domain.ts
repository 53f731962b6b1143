import { resolveTxt } from 'node:dns/promises';

import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { insertChange } from '../store/change-log.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import { domainTaken } from './claim-domain.ts';
import type { DomainTaken } from './claim-domain.ts';
import { normaliseHost, verificationName, verificationRecord } from './domain.ts';
import type { Domain, ResolveTxt } from './domain.ts';
import { findDomain, lockDomainClaims, markDomainVerified } from './domain-store.ts';
import type { DomainNotFound } from './remove-domain.ts';
import { domainNotFound } from './remove-domain.ts';
import type { Workspace } from './workspace.ts';

export type VerifyDomainRefusal =
  | DomainNotFound
  | DomainTaken
  | (Refusal & { readonly code: 'domain_not_proven' });

/**
 * Looks for the workspace's token in the DNS of a claimed host; from then on its links are served there. Hosts of the
 * options need no record.
 * @throws {UnavailableError} the DNS did not answer; the same call may be repeated.
 */
export async function verifyDomain(
  context: Context,
  workspace: Workspace,
  input: { readonly host: string },
  options?: WriteOptions,
): Promise<Result<Domain, VerifyDomainRefusal>> {
  const host = normaliseHost(input.host) ?? input.host;
  const claim = await findDomain(
    options?.tx === undefined ? context.database.db : context.database.join(options.tx),
    workspace.id,
    host,
  );
  if (claim === undefined) return domainNotFound();
  if (claim.verifiedAt !== undefined) return ok(claim);
  if (!(await isConfigured(context, workspace, host))) {
    const name = verificationName(host);
    const record = verificationRecord(claim.verificationToken);
    const records = await readRecords(context.options.resolveTxt ?? resolveTxt, name);
    if (!records.some((parts) => parts.join('') === record)) {
      const message = `No TXT record of ${name} is "${record}"`;
      return refuse('domain_not_proven', message, { host: [message] });
    }
  }
  const result = await inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<Domain, VerifyDomainRefusal>> => {
      const claims = await lockDomainClaims(tx, host);
      const own = claims.find((one) => one.workspaceId === workspace.id);
      if (own === undefined) return domainNotFound();
      if (claims.some((one) => one.workspaceId !== workspace.id && one.verifiedAt !== undefined)) {
        return domainTaken(host);
      }
      const at = new Date(context.clock.now());
      await markDomainVerified(tx, workspace.id, host, at);
      await insertChange(tx, {
        workspaceId: workspace.id,
        id: context.createId(at.getTime()),
        topic: 'domain',
        subject: { host },
        at,
      });
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: 'domain.verified',
        subject: { type: 'domain', id: host },
      });
      return ok({ ...own, verifiedAt: at });
    },
  );
  context.workspaces.forget(workspace.id);
  return result;
}

/** Whoever writes the options has said whose host it is: it serves the first workspace, and needs no record. */
async function isConfigured(
  context: Context,
  workspace: Workspace,
  host: string,
): Promise<boolean> {
  const configured = context.options.links?.domains ?? [];
  if (!configured.some((name) => normaliseHost(name) === host)) return false;
  return (await context.workspaces.first()).id === workspace.id;
}

/** A name that does not exist has no records; a resolver that fails says nothing of the domain. */
async function readRecords(
  resolve: ResolveTxt,
  name: string,
): Promise<readonly (readonly string[])[]> {
  try {
    return await resolve(name);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
    throw new UnavailableError('The DNS did not answer.', { retryAfterSeconds: 5, cause: error });
  }
}
