import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { second, toMilliseconds } from '../kernel/clock.ts';
import type { Duration } from '../kernel/clock.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { equalInConstantTime, hmac } from '../security/keyring.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { partnerNotFound } from './change-partner.ts';
import type { PartnerNotFound } from './change-partner.ts';
import { findPartner, lockPartner, updatePartnerRow } from './partner-store.ts';
import type { PartnerRow } from './partner-store.ts';

/** What lets a partner see what is theirs, and nothing else. */
export interface PartnerToken {
  readonly token: string;
  readonly expiresAt: Date;
}

export type PartnerTokenRefusal = Refusal & { readonly code: 'invalid_token' };

const prefix = 'hwp';
const secondsMax = 366 * 86_400;

/** Makes a token for a partner's page. It names nobody, can be read by nobody without it, and cannot be made up. */
export async function createPartnerToken(
  context: Context,
  workspace: Workspace,
  partnerId: string,
  { expiresIn = { hours: 1 } }: { readonly expiresIn?: Duration | undefined } = {},
): Promise<Result<PartnerToken, ValidationRefusal | PartnerNotFound>> {
  const seconds = Math.floor(toMilliseconds(expiresIn) / second);
  if (!(seconds >= 1 && seconds <= secondsMax))
    return refuseField('expiresIn', 'must be from a second to 366 days');
  const partner = isUuid(partnerId)
    ? await findPartner(context.database.db, workspace.id, partnerId)
    : undefined;
  if (partner === undefined || partner.status === 'archived') return partnerNotFound();
  const end = Math.floor(context.clock.now() / second) + seconds;
  const text = [prefix, workspace.id, partner.id, end, partner.tokenVersion].join('.');
  return ok({ token: `${text}.${sign(workspace, text)}`, expiresAt: new Date(end * second) });
}

/** Ends every token of a partner. */
export async function endPartnerTokens(
  context: Context,
  workspace: Workspace,
  partnerId: string,
  options?: WriteOptions,
): Promise<Result<true, PartnerNotFound>> {
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<true, PartnerNotFound>> => {
      const partner = isUuid(partnerId)
        ? await lockPartner(tx, workspace.id, partnerId)
        : undefined;
      if (partner === undefined) return partnerNotFound();
      await updatePartnerRow(tx, { ...partner, tokenVersion: partner.tokenVersion + 1 });
      await recordAudit(context, tx, {
        workspaceId: workspace.id,
        action: 'partner.tokens_ended',
        subject: { type: 'partner', id: partner.id },
      });
      return ok(true);
    },
  );
}

/** Whose token it is. An archived partner's is none; one who is disabled still sees what was earned. */
export async function readPartnerToken(
  context: Context,
  token: string,
): Promise<
  Result<{ readonly workspace: Workspace; readonly partner: PartnerRow }, PartnerTokenRefusal>
> {
  const parts = token.split('.');
  const signature = parts.pop() ?? '';
  const [kind, workspaceId, partnerId, end, version] = parts;
  if (parts.length !== 5 || kind !== prefix || !isUuid(workspaceId) || !isUuid(partnerId))
    return refuseToken();
  const workspace = await context.workspaces.get(workspaceId);
  if (workspace === undefined) return refuseToken();
  const expected = Buffer.from(sign(workspace, parts.join('.')));
  if (!equalInConstantTime(expected, Buffer.from(signature))) return refuseToken();
  if (Number(end) * second <= context.clock.now()) return refuseToken();
  const partner = await findPartner(context.database.db, workspace.id, partnerId);
  return partner === undefined ||
    partner.status === 'archived' ||
    String(partner.tokenVersion) !== version
    ? refuseToken()
    : ok({ workspace, partner });
}

function refuseToken(): PartnerTokenRefusal & { readonly ok: false } {
  return refuse('invalid_token', 'The token is not valid, or has ended.');
}

function sign(workspace: Workspace, text: string): string {
  return hmac(workspace.dataKey, `partner_token\0${text}`).toString('base64url');
}
