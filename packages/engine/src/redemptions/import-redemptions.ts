import { importedId } from '../imports/imported-id.ts';
import type { Context } from '../context.ts';
import { userType } from '../invitations/entity.ts';
import { hashEntity } from '../invitations/hash-entity.ts';
import { erasedAmong } from '../invitations/refuse-forgotten.ts';
import type { Tx } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { KeyedEntity } from './redemption.ts';
import { insertRedemption } from './redemption-store.ts';
import { insertReferral } from './referral-store.ts';

/** A use of a code in another system. */
export interface RedemptionDraft {
  readonly source: string;
  readonly sourceId: string;
  readonly codeId: string;
  readonly userId: string;
  readonly redeemedAt: Date;
}

/**
 * Takes in redemptions as history: they count in the total and as having redeemed, take no seat, and make no event. Who
 * referred whom is noted as for any other. Whether each is new.
 */
export async function importRedemptions(
  context: Pick<Context, 'createId'>,
  tx: Tx,
  workspace: Workspace,
  drafts: ReadonlyArray<RedemptionDraft & { readonly referrer: KeyedEntity | undefined }>,
): Promise<boolean[]> {
  const keys = drafts.map(({ userId }) => hashEntity(workspace, { type: userType, id: userId }));
  const erased = await erasedAmong(tx, workspace, keys);
  const answers: boolean[] = [];
  for (const [index, draft] of drafts.entries()) {
    const key = keys[index]!;
    const id = erased.has(key.toString('hex')) ? undefined : draft.userId;
    const entity = { type: userType, id };
    const { referrer, redeemedAt } = draft;
    const refersItself = referrer !== undefined && Buffer.compare(referrer.key, key) === 0;
    const redemptionId = importedId(redeemedAt, draft.source, draft.sourceId);
    const isNew = await insertRedemption(tx, {
      workspaceId: workspace.id,
      id: redemptionId,
      invitationId: null,
      codeId: draft.codeId,
      entity,
      entityKey: key,
      status: 'imported',
      selfReferral: refersItself,
      attemptKey: null,
      metadata: {},
      redeemedAt,
      reversedAt: null,
    });
    if (isNew && referrer !== undefined && !refersItself)
      await insertReferral(tx, workspace.id, {
        id: context.createId(redeemedAt.getTime()),
        redemptionId,
        referrer,
        referee: { entity, key },
        createdAt: redeemedAt,
      });
    answers.push(isNew);
  }
  return answers;
}
