import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { identifierKindPattern } from '../ingest/check-event.ts';

/** The fields of an event that a column may fill, by their names in the REST API. */
export const mappedFields = [
  'event_type',
  'event_name',
  'occurred_at',
  'visitor_id',
  'person_external_id',
  'person_email',
  'person_phone',
  'person_name',
  'anonymous_id',
  'hw_click',
  'amount',
  'amount_cents',
  'currency',
  'url',
  'referrer',
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'utm_term',
  'utm_content',
  'link_id',
  'user_agent',
  'event_id',
  'idempotency_key',
  'properties',
] as const;
export type MappedField =
  | (typeof mappedFields)[number]
  | `properties.${string}`
  | `identifiers.${string}`;

/** Where the value of a field comes from. */
export interface FieldSource {
  /** The column; in NDJSON also a path like `context.page.url`. */
  readonly column?: string;
  /** The same value for every row. */
  readonly value?: string;
  /** What the values of the column mean here. `null`: nothing; as the type of an event, that its row is left out. */
  readonly values?: Readonly<Record<string, string | null>>;
  /** For rows without a value, and for values that `values` does not have. */
  readonly default?: string;
  /** How `occurred_at` is written. @default 'iso' */
  readonly format?: TimeFormat;
  /** The zone of times that name none: `+02:00`. @default 'Z' */
  readonly zone?: string;
}

export type TimeFormat = (typeof timeFormats)[number];
const timeFormats = ['iso', 'unix_seconds', 'unix_milliseconds'] as const;

/** A column's name, or more about it, for each field. */
export type EventMapping = Readonly<Partial<Record<MappedField, string | FieldSource>>>;

/** The same with every source spelt out. */
export type FieldSources = ReadonlyMap<string, FieldSource>;

/** Fields that name the person; every event needs one of them. */
export const personFields: ReadonlySet<string> = new Set([
  'visitor_id',
  'person_external_id',
  'person_email',
  'person_phone',
  'anonymous_id',
  'hw_click',
]);

/** Columns that have the names of our fields need no mapping. */
export function mapByName(columns: readonly string[]): FieldSources {
  const names = columns.filter((column) => isMappedField(column));
  return new Map([...mappedFields, ...names].map((field) => [field, { column: field }]));
}

/** Reads a mapping that comes from a file, or from a host without types. */
export function readMapping(
  mapping: unknown,
): { readonly ok: true; readonly value: FieldSources } | ValidationRefusal {
  if (!isRecord(mapping)) return refuseFields({ map: ['must be an object of fields'] });
  const errors: Record<string, string[]> = {};
  const sources = new Map<string, FieldSource>();
  for (const [field, given] of Object.entries(mapping)) {
    const source = typeof given === 'string' ? { column: given } : given;
    const problem = isMappedField(field) ? sourceProblem(field, source) : 'is no field of an event';
    if (problem === undefined) sources.set(field, source as FieldSource);
    else errors[`map.${field.slice(0, 64)}`] = [problem];
  }
  if (!('event_type' in mapping)) errors['map.event_type'] = ['is required'];
  if (!('occurred_at' in mapping)) errors['map.occurred_at'] = ['is required'];
  if (!Object.keys(mapping).some(isPersonField))
    errors['map.person_external_id'] = [
      `is required, or another name of the person: ${[...personFields].join(', ')}, identifiers.…`,
    ];
  if ('amount' in mapping && 'amount_cents' in mapping)
    errors['map.amount_cents'] = ['must not stand beside amount'];
  return Object.keys(errors).length === 0 ? { ok: true, value: sources } : refuseFields(errors);
}

function isPersonField(field: string): boolean {
  return personFields.has(field) || field.startsWith('identifiers.');
}

function isMappedField(field: string): boolean {
  if ((mappedFields as readonly string[]).includes(field)) return true;
  if (field.startsWith('identifiers.'))
    return identifierKindPattern.test(field.slice('identifiers.'.length));
  return /^properties\../.test(field);
}

const sourceKeys = ['column', 'value', 'values', 'default', 'format', 'zone'];

function sourceProblem(field: string, source: unknown): string | undefined {
  if (!isRecord(source)) return 'must be the name of a column, or an object';
  const unknown = Object.keys(source).find((key) => !sourceKeys.includes(key));
  if (unknown !== undefined)
    return `must not have ${unknown.slice(0, 64)}, only ${sourceKeys.join(', ')}`;
  for (const key of ['column', 'value', 'default', 'zone']) {
    if (source[key] !== undefined && (typeof source[key] !== 'string' || source[key] === ''))
      return `must have a text as ${key}`;
  }
  if ((source['column'] === undefined) === (source['value'] === undefined))
    return 'must have either column or value';
  const { values, format, zone } = source;
  if (
    values !== undefined &&
    !(
      isRecord(values) && Object.values(values).every((to) => to === null || typeof to === 'string')
    )
  )
    return 'must have an object of texts as values';
  if (field !== 'occurred_at' && (format !== undefined || zone !== undefined))
    return 'must not have format or zone, which are for occurred_at';
  if (format !== undefined && !(timeFormats as readonly unknown[]).includes(format))
    return `must have ${timeFormats.join(', ')} as format`;
  if (zone !== undefined && !zonePattern.test(zone as string))
    return 'must have Z or an offset like +02:00 as zone';
  return undefined;
}

const zonePattern = /^(?:Z|[+-](?:0\d|1[0-5]):?[0-5]\d)$/;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
