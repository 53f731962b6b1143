/** What is changed: 'link', 'domain', 'api_key', 'workspace', 'member' and so on. */
export interface AuditSubject {
  readonly type: string;
  readonly id: string;
}

/** One field: what it was, and what it is. */
export interface FieldChange {
  readonly from?: unknown;
  readonly to?: unknown;
}

/** What somebody has done. Never holds a secret. */
export interface AuditRecord {
  readonly workspaceId: string;
  /** The subject and what was done to it: `link.updated`. */
  readonly action: string;
  readonly subject: AuditSubject;
  /** By the names of the fields in the API. */
  readonly changes?: Readonly<Record<string, FieldChange>> | undefined;
}

export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  /** The id of an API key, or what the host calls its caller; `null` for the engine itself. */
  readonly actor: string | null;
  readonly action: string;
  readonly subject: AuditSubject;
  readonly changes: Readonly<Record<string, FieldChange>>;
}

/**
 * The fields in which two things differ, by their names in the API. Names of fields are taken as they are written
 * inside (`expiresAt`) and told as the API has them (`expires_at`).
 */
export function changedFields(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Record<string, FieldChange> {
  const changes: Record<string, FieldChange> = {};
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [from, to] = [before[field] ?? null, after[field] ?? null];
    if (canonical(from) !== canonical(to)) changes[wireName(field)] = { from, to };
  }
  return changes;
}

/** What a new thing was made with, without what is empty. */
export function givenFields(
  fields: Readonly<Record<string, unknown>>,
): Record<string, FieldChange> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => !isEmpty(value))
      .map(([field, to]) => [wireName(field), { to }]),
  );
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === false ||
    (typeof value === 'object' && !(value instanceof Date) && Object.keys(value).length === 0)
  );
}

/** Objects are the same whatever the order of their keys: a database keeps none. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
      : entry,
  );
}

function wireName(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
