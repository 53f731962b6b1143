import { readEntity, visitorType } from '../invitations/entity.ts';
import type { Entity, EntityInput } from '../invitations/entity.ts';
import { hashEntity } from '../invitations/hash-entity.ts';
import { isUuid } from '../kernel/id.ts';
import { textProblem } from '../kernel/json-limits.ts';
import type { KeyedEntity } from '../redemptions/redemption.ts';
import type { Workspace } from '../workspaces/workspace.ts';

const lengthMax = 255;

/** The account that somebody names, or what is wrong with it. */
export function readAccount(
  workspace: Workspace,
  input: EntityInput,
): { readonly account: KeyedEntity & { readonly entity: Entity } } | { readonly problem: string } {
  const read = readEntity(input);
  if ('problem' in read) return read;
  if (read.entity.type === visitorType && !isUuid(read.entity.id))
    return { problem: 'of type visitor must have the id of a visitor' };
  return { account: { entity: read.entity, key: hashEntity(workspace, read.entity) } };
}

export function keyProblem(key: unknown): string | undefined {
  if (typeof key !== 'string' || key === '' || key.length > lengthMax)
    return `must be a text of 1 to ${lengthMax} characters`;
  return textProblem(key);
}

export function noteProblem(note: unknown): string | undefined {
  if (note === undefined) return undefined;
  if (typeof note !== 'string' || note === '' || note.length > lengthMax)
    return `must be a text of 1 to ${lengthMax} characters`;
  return textProblem(note);
}
