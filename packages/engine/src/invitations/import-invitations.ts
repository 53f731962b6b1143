import { importedId } from '../imports/imported-id.ts';
import { importOnce } from '../imports/remember-row.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store/database.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { Entity } from './entity.ts';
import { hashEntity } from './hash-entity.ts';
import { insertInvitation } from './invitation-store.ts';
import { hashToken, prefixOfToken } from './invitation-token.ts';
import { erasedAmong } from './refuse-forgotten.ts';
import { actionsOf } from './usage-rules.ts';
import { insertUsage } from './usage-store.ts';

/** An invitation of another system; its fields have been checked. */
export interface InvitationDraft {
  readonly source: string;
  readonly sourceId: string;
  readonly token: string;
  readonly name: string | null;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Takes in invitations as they were, expired ones too; `false` where another one has the token, `undefined` where it is there. */
export async function importInvitations(
  context: Pick<Context, 'createId'>,
  tx: Tx,
  workspace: Workspace,
  drafts: readonly InvitationDraft[],
): Promise<Array<boolean | undefined>> {
  const answers: Array<boolean | undefined> = [];
  for (const { source, sourceId, token, ...draft } of drafts) {
    const id = context.createId(draft.createdAt.getTime());
    const row = { workspaceId: workspace.id, source, sourceId, id };
    const written = await importOnce(tx, row, () =>
      insertInvitation(tx, {
        workspaceId: workspace.id,
        id,
        tokenHash: hashToken(workspace, token),
        tokenPrefix: prefixOfToken(token),
        signingKey: null,
        signed: false,
        description: null,
        status: 'active',
        uses: 0,
        usesMax: null,
        emailDomains: [],
        verifiedEmail: false,
        owner: null,
        ownerKey: null,
        linkId: null,
        archivedAt: null,
        ...draft,
      }),
    );
    answers.push(written);
  }
  return answers;
}

/** A usage of another system. */
export interface UsageDraft {
  readonly source: string;
  readonly sourceId: string;
  readonly invitationId: string;
  readonly entity: Entity;
  readonly action: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly occurredAt: Date;
}

/**
 * Takes in usages as history: no event is made of them. The first of what counts once keeps later ones out; what the
 * other system has beside it stays countable. Of people who were forgotten nothing but the count comes back.
 */
export async function importUsages(
  context: Pick<Context, 'options'>,
  tx: Tx,
  workspace: Workspace,
  drafts: readonly UsageDraft[],
): Promise<boolean[]> {
  const keys = drafts.map(({ entity }) => hashEntity(workspace, entity));
  const erased = await erasedAmong(tx, workspace, keys);
  const actions = actionsOf(context, workspace);
  const answers: boolean[] = [];
  for (const [index, { source, sourceId, ...draft }] of drafts.entries()) {
    const entityKey = keys[index]!;
    const isErased = erased.has(entityKey.toString('hex'));
    const row = {
      workspaceId: workspace.id,
      id: importedId(draft.occurredAt, source, sourceId),
      ...draft,
      entityKey,
      ...(isErased && { entity: { type: draft.entity.type, id: undefined }, metadata: {} }),
    };
    const once = actions[draft.action]?.repeatable !== true;
    const written = await insertUsage(tx, { ...row, once });
    answers.push(written || (once && (await insertUsage(tx, { ...row, once: false }))));
  }
  return answers;
}
