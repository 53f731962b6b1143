import { anonymousToken } from '../capture/visitor-token.ts';
import type { Identifier } from '../ingest/event.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { isBlocked } from './normalise-identifier.ts';

/** The ways in which a caller names a person. */
export interface NamedPerson {
  readonly externalId?: string;
  readonly email?: string;
  readonly phone?: string;
  /** The value of the visitor cookie, or the page's own id. */
  readonly anonymousId?: string;
  readonly identifiers?: readonly Identifier[];
}

/** All of them as identifiers. */
export function namedIdentifiers(workspace: Workspace, person: NamedPerson): Identifier[] {
  const identifiers = (person.identifiers ?? []).map((identifier) =>
    identifier.kind === 'visitor' ? deviceOf(workspace, identifier.value) : identifier,
  );
  if (person.externalId !== undefined)
    identifiers.push({ kind: 'external_id', value: person.externalId });
  if (person.email !== undefined) identifiers.push({ kind: 'email', value: person.email });
  if (person.phone !== undefined) identifiers.push({ kind: 'phone', value: person.phone });
  if (person.anonymousId !== undefined) identifiers.push(deviceOf(workspace, person.anonymousId));
  return identifiers;
}

/** A value that stands for nobody stays as it is, so that it is left out by name and not joined under a token. */
function deviceOf(workspace: Workspace, value: string): Identifier {
  return { kind: 'visitor', value: isBlocked(value) ? '' : anonymousToken(workspace, value) };
}
