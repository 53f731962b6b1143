import type { Context } from '../context.ts';
import { refuse } from '../kernel/result.ts';
import type { Refusal } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { userType, visitorType } from './entity.ts';
import type { Entity } from './entity.ts';
import { defaultActions, defaultEntityTypes } from './invitation-options.ts';
import type { UsageAction } from './invitation-options.ts';

type Surroundings = Pick<Context, 'options'>;

/** What may use invitations. */
function entityTypesOf(context: Surroundings, workspace: Workspace): readonly string[] {
  return (
    workspace.settings.invitations?.entityTypes ??
    context.options.invitations?.entityTypes ??
    defaultEntityTypes
  );
}

/** What may be tracked, and how. */
export function actionsOf(
  context: Surroundings,
  workspace: Workspace,
): Readonly<Record<string, UsageAction>> {
  return (
    workspace.settings.invitations?.actions ??
    context.options.invitations?.actions ??
    defaultActions
  );
}

/** A visitor of ours may always use an invitation. */
export function refuseEntityType(
  context: Surroundings,
  workspace: Workspace,
  type: string,
): (Refusal & { readonly code: 'invalid_entity_type' }) | undefined {
  const types = entityTypesOf(context, workspace);
  if (types.includes(type) || type === visitorType) return undefined;
  const message = `must be one of: ${types.join(', ')}`;
  return refuse('invalid_entity_type', `entity type ${message}`, { entityType: [message] });
}

export function refuseAction(
  context: Surroundings,
  workspace: Workspace,
  action: string,
): (Refusal & { readonly code: 'invalid_action' }) | undefined {
  const actions = actionsOf(context, workspace);
  if (Object.hasOwn(actions, action)) return undefined;
  const message = `must be one of: ${Object.keys(actions).join(', ')}`;
  return refuse('invalid_action', `action ${message}`, { action: [message] });
}

/** How the visitor graph knows the entity; `undefined` for what is no person. */
export function personOf(
  entity: Entity,
): { readonly externalId: string } | { readonly visitorId: string } | undefined {
  if (entity.type === userType) return { externalId: entity.id };
  return entity.type === visitorType ? { visitorId: entity.id } : undefined;
}
