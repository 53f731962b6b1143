import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { readEntity, userType } from '../invitations/entity.ts';
import { hashEntity } from '../invitations/hash-entity.ts';
import { expiryProblem, isCount, textProblem } from '../invitations/invitation.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { CreatedLink, CreateLinkRefusal, LinkInput } from '../links/create-link.ts';
import { mintLink } from '../links/mint-link.ts';
import type { Tx, WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import {
  countCodesOfCreator,
  deleteCode,
  insertCode,
  showCode,
  updateCodeRow,
} from './code-store.ts';
import type { CodeRow } from './code-store.ts';
import { codeUrl } from './code-url.ts';
import { codeProblem, generateCode, normaliseCode } from './referral-code.ts';
import type { ReferralCode } from './referral-code.ts';
import { referralSettings } from './referral-settings.ts';

/** What may be changed of a code. */
export interface CodeFields {
  readonly description?: string | null | undefined;
  /** @default true */
  readonly active?: boolean | undefined;
  /** At most what the workspace allows. @default the most */
  readonly usesMax?: number | undefined;
  /** @default never */
  readonly expiresAt?: Date | null | undefined;
  /** The user who refers whoever redeems it; `null` for nobody. @default who made it */
  readonly beneficiaryId?: string | number | null | undefined;
}

export interface CreateCodeInput extends CodeFields {
  /** 3 to 50 letters, digits, `-` or `_`, in whatever case. @default five random ones */
  readonly code?: string | undefined;
  /** The user who made it. */
  readonly creatorId?: string | number | undefined;
  /** A short link of its own; its destinations get the code as `ref`. */
  readonly link?: LinkInput | undefined;
}

/** What creating answers. */
export interface CreatedCode extends ReferralCode {
  /** The short link that was asked for. */
  readonly link?: CreatedLink | undefined;
}

export type CreateCodeRefusal =
  | ValidationRefusal
  | CreateLinkRefusal
  | (Refusal & { readonly code: 'code_taken' | 'too_many_codes' });

const attemptsMax = 10;

/** Creates a referral code. */
export async function createCode(
  context: Context,
  workspace: Workspace,
  input: CreateCodeInput = {},
  options?: WriteOptions,
): Promise<Result<CreatedCode, CreateCodeRefusal>> {
  const now = context.clock.now();
  const errors: Record<string, string[]> = {};
  const report = reporter(errors);
  if (input.code !== undefined) report('code', codeProblem(input.code));
  const creator = readUser(workspace, input.creatorId, 'creatorId', report);
  const beneficiaryId = input.beneficiaryId === undefined ? input.creatorId : input.beneficiaryId;
  const changed = changeCode(workspace, { ...input, beneficiaryId }, now, report);
  if (Object.keys(errors).length > 0) return refuseFields(errors);
  const { usesMaxPerCode, codesMaxPerUser } = referralSettings(workspace);
  const at = new Date(now);
  const draft = {
    workspaceId: workspace.id,
    id: context.createId(now),
    description: null,
    active: true,
    uses: 0,
    usesMax: usesMaxPerCode,
    expiresAt: null,
    creatorId: creator?.id ?? null,
    creatorKey: creator?.key ?? null,
    beneficiaryId: null,
    beneficiaryKey: null,
    linkId: null,
    createdAt: at,
    updatedAt: at,
    archivedAt: null,
    ...changed,
  };
  return inTransaction(
    context.database,
    options,
    async (tx): Promise<Result<CreatedCode, CreateCodeRefusal>> => {
      if (
        creator !== undefined &&
        (await countCodesOfCreator(tx, workspace.id, creator.key)) >= codesMaxPerUser
      )
        return refuse(
          'too_many_codes',
          `The user has reached the maximum limit of ${codesMaxPerUser} referral codes`,
        );
      for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
        const code = input.code === undefined ? generateCode() : normaliseCode(input.code);
        const row: CodeRow = { ...draft, code };
        if (await insertCode(tx, row)) return mint(context, tx, workspace, row, input.link);
        if (input.code !== undefined) break;
      }
      return refuse('code_taken', 'code has already been taken', {
        code: ['has already been taken'],
      });
    },
  );
}

/** The code that was just inserted, with its short link; a refusal takes the code back. */
async function mint(
  context: Context,
  tx: Tx,
  workspace: Workspace,
  row: CodeRow,
  link: LinkInput | undefined,
): Promise<Result<CreatedCode, CreateLinkRefusal>> {
  const audited = () =>
    recordAudit(context, tx, {
      workspaceId: workspace.id,
      action: 'referral_code.created',
      subject: { type: 'referral_code', id: row.id },
    });
  if (link === undefined) {
    await audited();
    return ok(showCode(row));
  }
  const address = (base: string): string | undefined => codeUrl(base, row.code);
  const minted = await mintLink(context, tx, workspace, { input: link, address });
  if (!minted.ok) {
    await deleteCode(tx, workspace.id, row.id);
    return minted;
  }
  const linked = { ...row, linkId: minted.value.id };
  await updateCodeRow(tx, linked);
  await audited();
  return ok({ ...showCode(linked), link: minted.value });
}

type Report = (field: string, problem: string | undefined) => void;

export function reporter(errors: Record<string, string[]>): Report {
  return (field, problem) => {
    if (problem !== undefined) (errors[field] ??= []).push(problem);
  };
}

/** The columns of what is given; a limit and an end are looked at only where they are set. */
export function changeCode(
  workspace: Workspace,
  fields: CodeFields,
  now: number,
  report: Report,
): Partial<CodeRow> {
  const { description, active, usesMax, expiresAt, beneficiaryId } = fields;
  const { usesMaxPerCode } = referralSettings(workspace);
  if (description !== undefined && description !== null)
    report('description', textProblem(description, 255));
  if (active !== undefined && typeof active !== 'boolean')
    report('active', 'must be true or false');
  if (usesMax !== undefined && (!isCount(usesMax) || usesMax > usesMaxPerCode))
    report('usesMax', `must be a whole number from 1 to the limit of ${usesMaxPerCode}`);
  if (expiresAt !== undefined && expiresAt !== null)
    report('expiresAt', expiryProblem(expiresAt, now));
  const beneficiary = readUser(workspace, beneficiaryId ?? undefined, 'beneficiaryId', report);
  return {
    ...(description !== undefined && { description }),
    ...(active !== undefined && { active }),
    ...(usesMax !== undefined && { usesMax }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(beneficiaryId !== undefined && {
      beneficiaryId: beneficiary?.id ?? null,
      beneficiaryKey: beneficiary?.key ?? null,
    }),
  };
}

function readUser(
  workspace: Workspace,
  id: string | number | undefined,
  field: string,
  report: Report,
): { readonly id: string; readonly key: Buffer } | undefined {
  if (id === undefined) return undefined;
  const read = readEntity([userType, id]);
  if ('problem' in read) {
    report(field, 'must be the id of a user');
    return undefined;
  }
  return { id: read.entity.id, key: hashEntity(workspace, read.entity) };
}
