import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { randomToken } from '../security/keyring.ts';
import { insertChange } from '../store/change-log.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import { normaliseHost } from './domain.ts';
import type { Domain } from './domain.ts';
import { findVerifiedDomain, insertDomain } from './domain-store.ts';
import type { Workspace } from './workspace.ts';

export type DomainTaken = Refusal & { readonly code: 'domain_taken' };
export type ClaimDomainRefusal = ValidationRefusal | DomainTaken;

/**
 * Notes that a workspace wants to serve links on a host. Several may want it; it is served for the one that proves
 * it first. Claiming again gives the same claim.
 */
export async function claimDomain(
  context: Context,
  workspace: Workspace,
  input: { readonly host: string },
  options?: WriteOptions,
): Promise<Result<Domain, ClaimDomainRefusal>> {
  const host = normaliseHost(input.host);
  if (host === undefined)
    return refuseField('host', 'must be a host name, with a port where it has one');
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<Domain, ClaimDomainRefusal>> => {
      const holder = await findVerifiedDomain(tx, host);
      if (holder !== undefined && holder.workspaceId !== workspace.id) return domainTaken(host);
      const now = context.clock.now();
      const domain = await insertDomain(tx, {
        host,
        workspaceId: workspace.id,
        verificationToken: randomToken(24),
        verifiedAt: undefined,
        createdAt: new Date(now),
        caseSensitive: true,
      });
      await insertChange(tx, {
        workspaceId: workspace.id,
        id: context.createId(now),
        topic: 'domain',
        subject: { host },
        at: new Date(now),
      });
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: 'domain.claimed',
        subject: { type: 'domain', id: host },
      });
      return ok(domain);
    },
  );
}

export function domainTaken(host: string): DomainTaken {
  const message = `Another workspace serves the domain ${host}`;
  return refuse('domain_taken', message, { host: [message] });
}
