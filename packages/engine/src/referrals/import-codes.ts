import { importOnce } from '../imports/remember-row.ts';
import type { Context } from '../context.ts';
import { userType } from '../invitations/entity.ts';
import { hashEntity } from '../invitations/hash-entity.ts';
import { erasedAmong } from '../invitations/refuse-forgotten.ts';
import { importRedemptions } from '../redemptions/import-redemptions.ts';
import type { RedemptionDraft } from '../redemptions/import-redemptions.ts';
import type { Tx } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { findCode, insertCode } from './code-store.ts';
import type { CodeRow } from './code-store.ts';
import { referrerOfCode } from './redeem-code.ts';
import { normaliseCode } from './referral-code.ts';

/** A referral code of another system; its fields have been checked. */
export interface CodeDraft {
  readonly source: string;
  readonly sourceId: string;
  readonly code: string;
  readonly description: string | null;
  readonly active: boolean;
  readonly uses: number;
  readonly usesMax: number;
  readonly expiresAt: Date | null;
  readonly creatorId: string | undefined;
  readonly beneficiaryId: string | undefined;
  readonly createdAt: Date;
}

/**
 * Takes in codes with the uses that they had: what is left of a limit is left. `false` where another code has the text,
 * `undefined` where it is there.
 */
export async function importCodes(
  context: Pick<Context, 'createId'>,
  tx: Tx,
  workspace: Workspace,
  drafts: readonly CodeDraft[],
): Promise<Array<boolean | undefined>> {
  const keyOf = (id: string | undefined): Buffer | null =>
    id === undefined ? null : hashEntity(workspace, { type: userType, id });
  const named = drafts.flatMap(({ creatorId, beneficiaryId }) => [creatorId, beneficiaryId]);
  const erased = await erasedAmong(
    tx,
    workspace,
    named.flatMap((id) => keyOf(id) ?? []),
  );
  const shown = (id: string | undefined, key: Buffer | null): string | null =>
    key === null || erased.has(key.toString('hex')) ? null : (id ?? null);
  const answers: Array<boolean | undefined> = [];
  for (const draft of drafts) {
    const { source, sourceId, creatorId, beneficiaryId, createdAt } = draft;
    const id = context.createId(createdAt.getTime());
    const [creatorKey, beneficiaryKey] = [keyOf(creatorId), keyOf(beneficiaryId)];
    const row = { workspaceId: workspace.id, source, sourceId, id };
    const written = await importOnce(tx, row, () =>
      insertCode(tx, {
        workspaceId: workspace.id,
        id,
        code: normaliseCode(draft.code),
        description: draft.description,
        active: draft.active,
        uses: draft.uses,
        // A limit that was lowered below its uses is one that is reached.
        usesMax: Math.max(draft.usesMax, draft.uses, 1),
        expiresAt: draft.expiresAt,
        creatorId: shown(creatorId, creatorKey),
        creatorKey,
        beneficiaryId: shown(beneficiaryId, beneficiaryKey),
        beneficiaryKey,
        linkId: null,
        createdAt,
        updatedAt: createdAt,
        archivedAt: null,
      }),
    );
    answers.push(written);
  }
  return answers;
}

/** Takes in uses of codes that are here. */
export async function importCodeUses(
  context: Pick<Context, 'createId'>,
  tx: Tx,
  workspace: Workspace,
  drafts: readonly RedemptionDraft[],
): Promise<boolean[]> {
  const codes = new Map<string, CodeRow | undefined>();
  for (const { codeId } of drafts)
    if (!codes.has(codeId)) codes.set(codeId, await findCode(tx, workspace.id, codeId));
  return importRedemptions(
    context,
    tx,
    workspace,
    drafts.map((draft) => {
      const code = codes.get(draft.codeId);
      return { ...draft, referrer: code && referrerOfCode(code) };
    }),
  );
}
