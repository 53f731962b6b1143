import { goals, isGoal } from '../attribution/goal.ts';
import { day } from '../kernel/clock.ts';
import { isUuid } from '../kernel/id.ts';
import { fieldName, findJsonProblem, textProblem as unstorable } from '../kernel/json-limits.ts';
import { isAmountMinor, isCurrency } from '../kernel/money.ts';
import { refuse } from '../kernel/result.ts';
import type { Refusal } from '../kernel/result.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { eventDays } from '../privacy/privacy-rules.ts';
import { reservedKinds } from '../visitors/identifier-kind.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { eventTypes } from './event.ts';
import type { TrackEventInput } from './track-event.ts';

/** How many characters the texts of an event may have. */
export const textLengthMax = {
  name: 255,
  externalId: 255,
  email: 320,
  phone: 64,
  anonymousId: 255,
  personName: 255,
  url: 8_192,
  referrer: 8_192,
  idempotencyKey: 255,
  refundOfKey: 255,
  coupon: 255,
} as const;
const textFields = Object.keys(textLengthMax) as Array<keyof typeof textLengthMax>;
const idFields = [
  'visitorId',
  'sameAsVisitorId',
  'eventId',
  'linkId',
  'partnerId',
  'clickId',
  'refundOf',
] as const;
export const identifiersMax = 50;
export const identifierLengthMax = 1_024;
export const identifierKindPattern = /^[a-z][a-z0-9_]{0,62}$/;
const keysMax = 50;
const purposesMax = 20;
const purposePattern = /^[a-z][a-z0-9_]{0,39}$/;
const consentStates: readonly unknown[] = ['granted', 'denied', 'pending'];
const propertiesLengthMax = 32_768;
const metadataLengthMax = 16_384;
/** Nothing that Headwater could know of is older. */
const earliest = Date.UTC(2000, 0, 1);

export type EventRefusal =
  | ValidationRefusal
  | (Refusal & { readonly code: 'too_old' | 'in_the_future' });

type Add = (field: string, problem: string | undefined) => void;

/**
 * The rules that hold for every way in but the pages', which trims; messages by the field of
 * {@link TrackEventInput}. A host without types is refused as well as one with them.
 */
export function checkEvent(
  workspace: Workspace,
  input: TrackEventInput,
  now: number,
): EventRefusal | undefined {
  const errors: Record<string, string[]> = {};
  const add: Add = (field, problem) => {
    if (problem !== undefined) (errors[field] ??= []).push(problem);
  };
  const { amountMinor, currency, occurredAt, userAgent } = input;
  if (!eventTypes.includes(input.type)) add('type', `must be one of ${eventTypes.join(', ')}`);
  for (const field of idFields) {
    if (input[field] !== undefined && !isUuid(input[field])) add(field, 'must be a UUID');
  }
  for (const field of textFields) {
    if (input[field] !== undefined) add(field, textProblem(input[field], textLengthMax[field]));
  }
  checkRefund(input, add);
  if (userAgent !== undefined && typeof userAgent !== 'string') add('userAgent', 'must be a text');
  if (amountMinor !== undefined && !(typeof amountMinor === 'bigint' && isAmountMinor(amountMinor)))
    add('amountMinor', 'must be a whole number of minor units, not negative and at most 10^15');
  if (currency !== undefined && !isCurrency(currency)) add('currency', 'must be an ISO 4217 code');
  checkIdentifiers(input.identifiers, add);
  checkObjects(input, add);
  checkConsent(input.consent, add);

  const time = occurredAt === undefined ? undefined : checkTime(workspace, occurredAt, now);
  return Object.keys(errors).length === 0 ? time : refuseFields({ ...errors, ...time?.errors });
}

function checkRefund(input: TrackEventInput, add: Add): void {
  const { refundOf, refundOfKey, refundOfType } = input;
  if (refundOf === undefined && refundOfKey === undefined && refundOfType === undefined) return;
  for (const [field, value] of Object.entries({ refundOf, refundOfKey, refundOfType })) {
    if (value !== undefined && input.type !== 'refund')
      add(field, 'must not be there but with a refund');
  }
  if (refundOf !== undefined && refundOfKey !== undefined)
    add('refundOfKey', 'must not be there beside refundOf');
  if (refundOfType !== undefined && !isGoal(refundOfType))
    add('refundOfType', `must be one of ${goals.join(', ')}`);
}

function textProblem(value: unknown, lengthMax: number): string | undefined {
  if (typeof value !== 'string') return 'must be a text';
  if (value === '') return 'must not be empty';
  if (value.length > lengthMax) return `must have at most ${lengthMax} characters`;
  return unstorable(value);
}

function checkIdentifiers(identifiers: unknown, add: Add): void {
  if (identifiers === undefined) return;
  if (!Array.isArray(identifiers) || identifiers.length > identifiersMax)
    return add('identifiers', `must be a list of at most ${identifiersMax}`);
  for (const [index, identifier] of identifiers.entries()) {
    const { kind, value } = (identifier ?? {}) as { kind?: unknown; value?: unknown };
    const at = `identifiers[${index}]`;
    if (typeof kind !== 'string' || !identifierKindPattern.test(kind))
      add(`${at}.kind`, 'must have lower-case letters, digits and underscores, 63 at most');
    else if (reservedKinds.has(kind))
      add(`${at}.kind`, `must not be ${kind}, which is Headwater's`);
    add(`${at}.value`, textProblem(value, identifierLengthMax));
  }
}

function checkObjects({ properties, personMetadata, signals }: TrackEventInput, add: Add): void {
  if (properties === undefined && personMetadata === undefined && signals === undefined) return;
  const objects = { properties, personMetadata, signals };
  const wrong = Object.entries(objects).filter(
    ([, value]) =>
      value !== undefined && (typeof value !== 'object' || value === null || Array.isArray(value)),
  );
  for (const [field] of wrong) add(field, 'must be an object');
  if (wrong.length > 0) return;
  for (const [field, value] of Object.entries({ properties, signals })) {
    if (value !== undefined && Object.keys(value).length > keysMax)
      return add(field, `must have at most ${keysMax} keys`);
  }
  // What cannot be walked cannot be measured either.
  const problem = findJsonProblem(objects);
  if (problem !== undefined) return add(fieldName(problem.path), problem.message);
  for (const [name, value] of Object.entries(signals ?? {}))
    add(fieldName(['signals', name]), textProblem(value, textLengthMax.url));
  add('properties', lengthProblem(properties, propertiesLengthMax));
  add('personMetadata', lengthProblem(personMetadata, metadataLengthMax));
}

function checkConsent(consent: unknown, add: Add): void {
  if (consent === undefined) return;
  if (typeof consent !== 'object' || consent === null || Array.isArray(consent))
    return add('consent', 'must be an object');
  const entries = Object.entries(consent);
  if (entries.length > purposesMax) return add('consent', `must have at most ${purposesMax} keys`);
  for (const [purpose, state] of entries) {
    if (!purposePattern.test(purpose))
      add('consent', 'must have keys of lower-case letters, digits and underscores, 40 at most');
    else if (!consentStates.includes(state))
      add(fieldName(['consent', purpose]), `must be one of ${consentStates.join(', ')}`);
  }
}

function lengthProblem(value: unknown, lengthMax: number): string | undefined {
  return value !== undefined && JSON.stringify(value).length > lengthMax
    ? `must have at most ${lengthMax} characters as JSON`
    : undefined;
}

function checkTime(workspace: Workspace, occurredAt: Date, now: number): EventRefusal | undefined {
  const at = occurredAt instanceof Date ? occurredAt.getTime() : Number.NaN;
  const retentionDays = eventDays(workspace.settings);
  const oldest =
    retentionDays === undefined ? earliest : Math.max(earliest, now - retentionDays * day);
  if (Number.isNaN(at)) return refuseFields({ occurredAt: ['must be a time'] });
  if (at > now + day)
    return outOfTime('in_the_future', 'must not be more than 24 hours in the future');
  if (at >= oldest) return undefined;
  return outOfTime(
    'too_old',
    `must not be older than what is kept: ${new Date(oldest).toISOString()}`,
  );
}

function outOfTime(code: 'too_old' | 'in_the_future', problem: string): EventRefusal {
  return refuse(code, `occurredAt ${problem}`, { occurredAt: [problem] });
}
