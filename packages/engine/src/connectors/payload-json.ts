import type { Json, JsonObject, Payload } from './connector.ts';

type Sparse = Readonly<Record<string, Json | undefined>>;

/** A JSON object of what is there: absent values, empty texts, lists and objects are left out. */
export function compact(fields: Sparse): JsonObject {
  const kept = Object.entries(fields).filter(([, value]) => !isEmpty(value));
  return Object.fromEntries(kept) as JsonObject;
}

/** A list of the one value, where it is there. */
export function listOf(value: string | undefined): readonly string[] | undefined {
  return value === undefined ? undefined : [value];
}

export function payloadOf(eventId: string, body: JsonObject, group?: string): Payload {
  return group === undefined ? { eventId, body } : { eventId, body, group };
}

export function bodies(payloads: readonly Payload[]): readonly JsonObject[] {
  return payloads.map(({ body }) => body);
}

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === '') return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** Whether an object has none of the fields of one of the groups: what was given had no form that could be sent. */
export function lacks(fields: JsonObject, groups: readonly (readonly string[])[]): boolean {
  return groups.some((group) => !group.some((name) => Object.hasOwn(fields, name)));
}
