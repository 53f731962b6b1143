import { eventTypes } from '../ingest/event.ts';
import { isUuid } from '../kernel/id.ts';
import {
  funnelLimits,
  propertyOperators,
  sourceFields,
  stepFilterKinds,
  urlMatches,
  urlScopes,
} from './funnel.ts';
import type {
  EventFilter,
  LinkFilter,
  PropertyFilter,
  SourceFilter,
  StepFilter,
  UrlFilter,
} from './funnel.ts';
import { patternProblem } from './url-pattern.ts';

type Complain = (part: string, message: string) => void;

/** What is wrong with one filter of a step; `part` is the field below it. */
export function checkStepFilter(input: unknown, complain: Complain): void {
  const filter = (input ?? {}) as StepFilter;
  switch (filter.kind) {
    case 'event':
      return checkEvent(filter, complain);
    case 'url':
      return checkUrl(filter, complain);
    case 'property':
      return checkProperty(filter, complain);
    case 'source':
      return checkSource(filter, complain);
    case 'link':
      return checkLink(filter, complain);
    default:
      return complain('kind', `must be one of ${stepFilterKinds.join(', ')}`);
  }
}

function checkEvent({ type, name }: EventFilter, complain: Complain): void {
  if (!eventTypes.includes(type)) complain('type', `must be one of ${eventTypes.join(', ')}`);
  if (name !== undefined && !isText(name, funnelLimits.nameLengthMax))
    complain('name', `must have 1 to ${funnelLimits.nameLengthMax} characters`);
}

function checkUrl(filter: UrlFilter, complain: Complain): void {
  const { scope = 'path', match = 'equals', value, values } = filter;
  const { urlValuesMax, urlLengthMax, patternLengthMax } = funnelLimits;
  if (!urlScopes.includes(scope)) complain('scope', `must be one of ${urlScopes.join(', ')}`);
  if (!urlMatches.includes(match)) complain('match', `must be one of ${urlMatches.join(', ')}`);
  checkOneOrMany(filter, match === 'in', { most: urlValuesMax, length: urlLengthMax }, complain);
  if (scope === 'path' && match !== 'regex') {
    const isPath = (text: unknown): boolean => typeof text !== 'string' || text.startsWith('/');
    const field = match === 'in' ? 'values' : 'value';
    if (match === 'in' ? Array.isArray(values) && !values.every(isPath) : !isPath(value))
      complain(field, 'must begin with /, as the path of an address does');
  }
  if (match === 'regex' && typeof value === 'string') {
    const problem =
      value.length > patternLengthMax
        ? `must have at most ${patternLengthMax} characters`
        : patternProblem(value);
    if (problem !== undefined) complain('value', problem);
  }
}

function checkProperty(filter: PropertyFilter, complain: Complain): void {
  const { key, op = 'eq' } = filter;
  const { propertyKeyLengthMax, propertyValuesMax, propertyLengthMax } = funnelLimits;
  if (!isText(key, propertyKeyLengthMax))
    complain('key', `must have 1 to ${propertyKeyLengthMax} characters`);
  if (!propertyOperators.includes(op))
    complain('op', `must be one of ${propertyOperators.join(', ')}`);
  const limits = { most: propertyValuesMax, length: propertyLengthMax };
  checkOneOrMany(filter, op === 'in', limits, complain);
}

function checkSource(filter: SourceFilter, complain: Complain): void {
  const named = sourceFields.filter((field) => filter[field] !== undefined);
  if (named.length === 0) complain('', `must name one of ${sourceFields.join(', ')}`);
  for (const field of named)
    if (!isText(filter[field], funnelLimits.propertyLengthMax))
      complain(field, `must have 1 to ${funnelLimits.propertyLengthMax} characters`);
}

function checkLink({ ids }: LinkFilter, complain: Complain): void {
  const { linksMax } = funnelLimits;
  if (!Array.isArray(ids) || ids.length < 1 || ids.length > linksMax)
    complain('ids', `must have 1 to ${linksMax} ids of links`);
  else if (!ids.every(isUuid)) complain('ids', 'must be UUIDs');
}

/** Either `value` or `values`, as the way to compare says. */
function checkOneOrMany(
  { value, values }: { readonly value?: unknown; readonly values?: unknown },
  many: boolean,
  { most, length }: { readonly most: number; readonly length: number },
  complain: Complain,
): void {
  if (many) {
    if (value !== undefined) complain('value', 'must be left out where values are given');
    if (!Array.isArray(values) || values.length < 1 || values.length > most)
      complain('values', `must have 1 to ${most} texts`);
    else if (!values.every((text) => isText(text, length)))
      complain('values', `must be texts of 1 to ${length} characters`);
    return;
  }
  if (values !== undefined) complain('values', 'are for in alone');
  if (!isText(value, length)) complain('value', `must have 1 to ${length} characters`);
}

/** A text that says something and that the database can hold. */
export function isText(value: unknown, lengthMax: number): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= lengthMax &&
    value.isWellFormed() &&
    !value.includes('\0')
  );
}
