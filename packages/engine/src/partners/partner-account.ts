import { hashEntity } from '../invitations/hash-entity.ts';
import type { KeyedEntity } from '../redemptions/redemption.ts';
import type { Workspace } from '../workspaces/workspace.ts';

/** The type of accounts of partners, whose ids are those of the partners. */
export const partnerType = 'partner';

/** The account of the ledger that a partner earns on. */
export function accountOfPartner(workspace: Workspace, partnerId: string): KeyedEntity {
  const entity = { type: partnerType, id: partnerId };
  return { entity, key: hashEntity(workspace, entity) };
}
