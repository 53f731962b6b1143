import type { EventType } from '../ingest/event.ts';
import type { TrackEventInput } from '../ingest/track-event.ts';
import { given } from '../kernel/given.ts';
import { exponentOf, isCurrency, parseMoney } from '../kernel/money.ts';
import { forEachParameter } from '../kernel/url.ts';
import { isRecord, personFields } from './event-mapping.ts';
import type { FieldSource, FieldSources } from './event-mapping.ts';
import { parseInstant } from './parse-instant.ts';

export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

/** What a row says: an event, nothing that is wanted, or what is wrong with it. */
export type MappedRow =
  | { readonly kind: 'event'; readonly input: TrackEventInput }
  | { readonly kind: 'left_out' }
  | { readonly kind: 'rejected'; readonly problems: readonly FieldProblem[] };

/** Makes an event of a row. The rules that every event has to keep are checked behind it. */
export function mapRow(
  record: Readonly<Record<string, unknown>>,
  sources: FieldSources,
  currencyOfWorkspace: string,
): MappedRow {
  const problems: FieldProblem[] = [];
  const add = (field: string, message: string): undefined => {
    problems.push({ field, message });
  };
  const text = (field: string): string | undefined => {
    const source = sources.get(field);
    if (source === undefined) return undefined;
    const cell = readCell(record, source);
    return cell === undefined ? add(field, 'must be a text or a number') : translate(cell, source);
  };

  const type = text('event_type');
  if (type === undefined) {
    if (isLeftOut(record, sources.get('event_type'))) return { kind: 'left_out' };
    add('event_type', 'must not be empty');
  }
  const persons = Object.fromEntries([...personFields].map((field) => [field, text(field)]));
  const identifiers = [...sources.keys()]
    .filter((field) => field.startsWith('identifiers.'))
    .map((field) => ({ kind: field.slice('identifiers.'.length), value: text(field) }))
    .filter(
      (identifier): identifier is { kind: string; value: string } => identifier.value !== undefined,
    );
  if (identifiers.length === 0 && Object.values(persons).every((value) => value === undefined))
    add('person_external_id', 'must not be empty where no other field names the person');

  const money = readMoney(text, add, currencyOfWorkspace);
  const input = given({
    type: type as EventType | undefined,
    name: text('event_name'),
    occurredAt: readTime(text('occurred_at'), sources.get('occurred_at'), add),
    visitorId: persons['visitor_id'],
    externalId: persons['person_external_id'],
    email: persons['person_email'],
    phone: persons['person_phone'],
    anonymousId: persons['anonymous_id'],
    clickId: persons['hw_click'],
    personName: text('person_name'),
    identifiers: identifiers.length === 0 ? undefined : identifiers,
    ...money,
    url: withUtm(text),
    referrer: text('referrer'),
    linkId: text('link_id'),
    userAgent: text('user_agent'),
    eventId: text('event_id'),
    idempotencyKey: text('idempotency_key'),
    properties: readProperties(record, sources, add),
  });
  return problems.length > 0
    ? { kind: 'rejected', problems }
    : { kind: 'event', input: input as TrackEventInput };
}

type ReadText = (field: string) => string | undefined;
type Add = (field: string, message: string) => undefined;

function lookUp(record: Readonly<Record<string, unknown>>, column: string): unknown {
  if (Object.hasOwn(record, column)) return record[column];
  let value: unknown = record;
  for (const name of column.split('.')) {
    if (!isRecord(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** What stands in a cell; empty where nothing does. `undefined`: no text and no number. */
function readCell(
  record: Readonly<Record<string, unknown>>,
  { column, value }: FieldSource,
): string | undefined {
  const raw = column === undefined ? value : lookUp(record, column);
  if (raw === undefined || raw === null) return '';
  if (typeof raw === 'string') return raw.trim();
  return typeof raw === 'object' ? undefined : JSON.stringify(raw);
}

/** What a cell means by the mapping. */
function translate(cell: string, { values, default: otherwise }: FieldSource): string | undefined {
  if (cell === '') return otherwise;
  if (values === undefined) return cell;
  if (Object.hasOwn(values, cell)) return values[cell] ?? undefined;
  return otherwise ?? cell;
}

/** The mapping says of this type that its rows are nothing. */
function isLeftOut(record: Readonly<Record<string, unknown>>, source?: FieldSource): boolean {
  const values = source?.values;
  if (source === undefined || values === undefined) return false;
  const cell = readCell(record, source) ?? '';
  return Object.hasOwn(values, cell) && values[cell] === null;
}

function readTime(
  text: string | undefined,
  source: FieldSource | undefined,
  add: Add,
): Date | undefined {
  if (text === undefined) return add('occurred_at', 'must not be empty');
  const { format = 'iso', zone = 'Z' } = source ?? {};
  return (
    parseInstant(text, format, zone) ??
    add(
      'occurred_at',
      format === 'iso'
        ? 'must be a time of ISO 8601, for example 2026-12-31T23:59:59Z'
        : `must be a whole number of ${format.slice('unix_'.length)} since 1970`,
    )
  );
}

function readMoney(
  text: ReadText,
  add: Add,
  currencyOfWorkspace: string,
): Pick<TrackEventInput, 'amountMinor' | 'currency'> {
  const currency = text('currency')?.toUpperCase();
  const decimal = text('amount');
  const minor = text('amount_cents');
  if (currency !== undefined && !isCurrency(currency)) {
    add('currency', 'must be an ISO 4217 code');
    return {};
  }
  const inCurrency = currency === undefined ? {} : { currency };
  if (minor !== undefined) {
    if (/^\d{1,16}$/.test(minor)) return { amountMinor: BigInt(minor), ...inCurrency };
    add('amount_cents', 'must be a whole number of minor units, not negative');
  } else if (decimal !== undefined) {
    const counted = currency ?? currencyOfWorkspace;
    const exponent = exponentOf(counted) ?? 2;
    const money = parseMoney(withoutSilentZeros(decimal, exponent), counted);
    if (money !== undefined) return { amountMinor: money.amountMinor, currency: counted };
    add(
      'amount',
      `must be an amount like 4990.00, not negative, of ${counted} with at most ${exponent} decimals`,
    );
  }
  return inCurrency;
}

/** Exports write `1200.00` yen, too: decimals that the currency does not have, and that say nothing. */
function withoutSilentZeros(decimal: string, exponent: number): string {
  const [, whole, decimals = ''] = /^(\d+)\.(\d+)$/.exec(decimal) ?? [];
  if (whole === undefined || /[1-9]/.test(decimals.slice(exponent))) return decimal;
  return exponent === 0 ? whole : `${whole}.${decimals.slice(0, exponent)}`;
}

const utmFields = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content'];

/** Tags that have columns of their own go where they were: into the address, unless it has them still. */
function withUtm(text: ReadText): string | undefined {
  const url = text('url');
  const present = new Set<string>();
  if (url !== undefined) forEachParameter(url, (name) => present.add(name));
  const missing = utmFields.flatMap((field) => {
    const value = present.has(field) ? undefined : text(field);
    return value === undefined ? [] : [`${field}=${encodeURIComponent(value.toWellFormed())}`];
  });
  if (missing.length === 0) return url;
  const [page = '', fragment] = (url ?? '/').split('#', 2);
  const joined = `${page}${page.includes('?') ? '&' : '?'}${missing.join('&')}`;
  return fragment === undefined ? joined : `${joined}#${fragment}`;
}

function readProperties(
  record: Readonly<Record<string, unknown>>,
  sources: FieldSources,
  add: Add,
): Readonly<Record<string, unknown>> | undefined {
  const properties: Array<[string, unknown]> = [];
  const whole = sources.get('properties')?.column;
  const all = whole === undefined ? undefined : parseObject(lookUp(record, whole));
  if (all === 'no object') add('properties', 'must be an object of JSON');
  else if (all !== undefined) properties.push(...Object.entries(all));
  for (const [field, { column, value }] of sources) {
    if (!field.startsWith('properties.')) continue;
    const found = column === undefined ? value : lookUp(record, column);
    if (found !== undefined && found !== null && found !== '')
      properties.push([field.slice('properties.'.length), found]);
  }
  return properties.length === 0 ? undefined : Object.fromEntries(properties);
}

/** An object as it is, or as text in a cell. */
function parseObject(value: unknown): Record<string, unknown> | 'no object' | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (isRecord(value)) return value;
  if (typeof value !== 'string') return 'no object';
  try {
    const parsed: unknown = JSON.parse(value);
    return isRecord(parsed) ? parsed : 'no object';
  } catch {
    return 'no object';
  }
}
