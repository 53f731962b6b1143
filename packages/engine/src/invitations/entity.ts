import { isUuid } from '../kernel/id.ts';
import { textProblem } from '../kernel/json-limits.ts';

/** Who or what uses an invitation or a code: a thing of the host application, by its type and its id. */
export interface Entity {
  readonly type: string;
  readonly id: string;
}

/** `['user', 'user_123']`, or the same as an object. Numbers are the ids that many databases have. */
export type EntityInput =
  | readonly [type: string, id: string | number]
  | { readonly type: string; readonly id: string | number };

/** An entity of rows: its id is `undefined` once the person was forgotten. */
export interface StoredEntity {
  readonly type: string;
  readonly id: string | undefined;
}

/** The type of people, whose ids are the host's external ids. */
export const userType = 'user';
/** The type of who is known by Headwater alone, by the visitor's id. */
export const visitorType = 'visitor';

export const entityTypePattern = /^[a-z][a-z0-9_]{0,62}$/;
const idLengthMax = 255;

/** The entity, or what is wrong with it; a caller without types is answered too. */
export function readEntity(
  input: unknown,
): { readonly entity: Entity } | { readonly problem: string } {
  const [type, id] = (
    Array.isArray(input)
      ? (input as unknown[])
      : typeof input === 'object' && input !== null
        ? [(input as Partial<Entity>).type, (input as Partial<Entity>).id]
        : []
  ) as [unknown, unknown];
  if (typeof type !== 'string' || !entityTypePattern.test(type))
    return { problem: 'must have a type of lower-case letters, digits and underscores' };
  const text = typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : id;
  if (typeof text !== 'string' || text.trim() === '')
    return { problem: 'must have an id that is not empty' };
  if (text.length > idLengthMax)
    return { problem: `must have an id of at most ${idLengthMax} characters` };
  if (type === visitorType && !isUuid(text)) return { problem: 'must have the id of a visitor' };
  const unstorable = textProblem(text);
  return unstorable === undefined
    ? { entity: { type, id: text } }
    : { problem: 'must have an id without NUL or broken characters' };
}

/** What tries of an entity are counted by. */
export function accountOf({ type, id }: Entity): string {
  return `${type} ${id}`;
}
