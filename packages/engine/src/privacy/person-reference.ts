import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { hashIdentifier } from '../visitors/hash-identifier.ts';
import { namedIdentifiers } from '../visitors/named-identifiers.ts';
import type { NamedPerson } from '../visitors/named-identifiers.ts';
import { normaliseIdentifier } from '../visitors/normalise-identifier.ts';
import type { Workspace } from '../workspaces/workspace.ts';

/** Whom a request is about: exactly one of these. */
export interface PersonReference {
  /** Of any of the person's visitors. */
  readonly visitorId?: string | undefined;
  readonly externalId?: string | undefined;
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
  /** The value of the visitor cookie, or the page's own id. */
  readonly anonymousId?: string | undefined;
}

/** An identifier as the tables have it. */
export interface HashedIdentifier {
  readonly kind: string;
  readonly valueHash: Buffer;
}

export type PersonNotFound = Refusal & { readonly code: 'visitor_not_found' };

export function personNotFound(): PersonNotFound {
  return refuse('visitor_not_found', 'Nobody is known by this');
}

/** The one way in which a request names a person. */
export function readReference(
  workspace: Workspace,
  reference: PersonReference,
): Result<{ readonly visitorId: string } | HashedIdentifier, ValidationRefusal | PersonNotFound> {
  const given = Object.values(reference).filter((value) => value !== undefined);
  if (given.length !== 1)
    return refuseField(
      'visitorId',
      'or one other name of the person must be given, and no second one',
    );
  const { visitorId, ...person } = reference;
  if (visitorId !== undefined)
    return isUuid(visitorId)
      ? ok({ visitorId: visitorId.toLowerCase() })
      : refuseField('visitorId', 'must be a UUID');
  const [identifier] = hashIdentifiers(workspace, person as NamedPerson);
  return identifier === undefined ? personNotFound() : ok(identifier);
}

/** What of these can be an identifier; values that stand for nobody are left out. */
export function hashIdentifiers(workspace: Workspace, person: NamedPerson): HashedIdentifier[] {
  return namedIdentifiers(workspace, person).flatMap((identifier) => {
    const value = normaliseIdentifier(identifier, workspace.settings);
    return value === undefined
      ? []
      : [{ kind: identifier.kind, valueHash: hashIdentifier(workspace, identifier.kind, value) }];
  });
}
