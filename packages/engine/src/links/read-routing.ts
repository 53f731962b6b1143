import { isCountryCode } from '../places/country.ts';
import { isAddressRange } from '../places/address-range.ts';
import { deviceTypes } from '../devices/device.ts';
import { isTimezone } from '../workspaces/workspace.ts';
import { placeholderProblem } from './link-pattern.ts';
import { conditionKinds, limitKinds, routingLimits } from './link-routing.ts';
import { variantGoals, visitorStandings } from './link-routing.ts';
import type { LinkRouting, ListKind } from './link-routing.ts';
import { destinationProblem, hasControlCharacter } from './link-url.ts';
import type { DestinationRules } from './link-url.ts';

export interface RoutingRules extends DestinationRules {
  /** Of the link: destinations may name what it captures. */
  readonly key?: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;
type Report = (path: string, problem: string) => void;

/**
 * What is wrong with routing that somebody gives, by the path of the field: `routing.rules[0].url`. Values may be of any
 * type. An empty document is no routing.
 */
export function readRouting(
  value: unknown,
  rules: RoutingRules,
): { readonly routing: LinkRouting | null; readonly errors: Record<string, string[]> } {
  const errors: Record<string, string[]> = {};
  const report: Report = (path, problem) => {
    (errors[path] ??= []).push(problem);
  };
  if (value === null || value === undefined) return { routing: null, errors };
  const known = ['version', 'start', 'expiry', 'limits', 'rules', 'variants'];
  const fields = readFields(value, 'routing', [...known, 'goal', 'since', 'query'], report);
  if (fields === undefined) return { routing: null, errors };

  const url = (path: string, given: unknown): void => {
    const problem =
      destinationProblem(given, rules) ?? placeholderProblem(given as string, rules.key ?? '');
    if (problem !== undefined) report(path, problem);
  };
  if (fields['version'] !== undefined && fields['version'] !== 1)
    report('routing.version', 'must be 1');
  readStart(fields['start'], url, report);
  const expiry = readFields(fields['expiry'] ?? {}, 'routing.expiry', ['url'], report);
  if (fields['expiry'] !== undefined && expiry !== undefined)
    url('routing.expiry.url', expiry['url']);
  readLimits(fields['limits'], url, report);
  readRules(fields['rules'], url, report);
  readVariants(fields['variants'], url, report);
  if (fields['goal'] !== undefined && !variantGoals.includes(fields['goal'] as 'revenue'))
    report('routing.goal', `must be one of ${variantGoals.join(', ')}`);
  if (fields['since'] !== undefined && !isInstant(fields['since']))
    report('routing.since', instantRule);
  const { query } = fields;
  if (query !== undefined && query !== 'all' && query !== 'none')
    checkTexts(query, 'routing.query', routingLimits.parametersMax, report);

  const routing = { ...withoutEmpty(fields), version: 1 } as LinkRouting;
  return { routing: Object.keys(routing).length === 1 ? null : routing, errors };
}

type CheckUrl = (path: string, url: unknown) => void;

function readStart(value: unknown, url: CheckUrl, report: Report): void {
  if (value === undefined) return;
  const start = readFields(value, 'routing.start', ['at', 'url'], report);
  if (start === undefined) return;
  if (!isInstant(start['at'])) report('routing.start.at', instantRule);
  if (start['url'] !== undefined) url('routing.start.url', start['url']);
}

function readLimits(value: unknown, url: CheckUrl, report: Report): void {
  if (value === undefined) return;
  const limits = readFields(value, 'routing.limits', limitKinds, report);
  for (const kind of limitKinds) {
    if (limits?.[kind] === undefined) continue;
    const path = `routing.limits.${kind}`;
    const limit = readFields(limits[kind], path, ['max', 'url'], report);
    if (limit === undefined) continue;
    if (!isWhole(limit['max'], 1, routingLimits.limitMax))
      report(`${path}.max`, `must be a whole number from 1 to ${routingLimits.limitMax}`);
    if (limit['url'] !== undefined) url(`${path}.url`, limit['url']);
  }
}

function readRules(value: unknown, url: CheckUrl, report: Report): void {
  const list = readList(value, 'routing.rules', routingLimits.rulesMax, report);
  const names = new Set<unknown>();
  for (const [index, item] of list.entries()) {
    const path = `routing.rules[${index}]`;
    const rule = readFields(item, path, ['name', 'when', 'url'], report);
    if (rule === undefined) continue;
    checkName(rule['name'], `${path}.name`, names, report);
    url(`${path}.url`, rule['url']);
    const conditions = readList(rule['when'], `${path}.when`, routingLimits.conditionsMax, report);
    if (conditions.length === 0) report(`${path}.when`, 'needs a condition');
    for (const [place, condition] of conditions.entries())
      checkCondition(condition, `${path}.when[${place}]`, report);
  }
}

function readVariants(value: unknown, url: CheckUrl, report: Report): void {
  const list = readList(value, 'routing.variants', routingLimits.variantsMax, report);
  const names = new Set<unknown>();
  if (list.length === 1) report('routing.variants', 'needs two variants or none');
  for (const [index, item] of list.entries()) {
    const path = `routing.variants[${index}]`;
    const variant = readFields(item, path, ['name', 'url', 'weight'], report);
    if (variant === undefined) continue;
    checkName(variant['name'], `${path}.name`, names, report);
    url(`${path}.url`, variant['url']);
    if (!isWhole(variant['weight'], 1, routingLimits.weightMax))
      report(`${path}.weight`, `must be a whole number from 1 to ${routingLimits.weightMax}`);
  }
}

const allowed: Readonly<Record<string, readonly string[]>> = {
  time: ['zone', 'days', 'from', 'to', 'after', 'before'],
  query: ['name', 'in'],
  visitor: ['is'],
  clicks: ['from', 'below'],
  share: ['percent'],
};

function checkCondition(value: unknown, path: string, report: Report): void {
  const kind = isFields(value) ? value['kind'] : undefined;
  if (typeof kind !== 'string' || !conditionKinds.includes(kind as 'time')) {
    report(`${path}.kind`, `must be one of ${conditionKinds.join(', ')}`);
    return;
  }
  const fields = readFields(value, path, ['kind', 'not', ...(allowed[kind] ?? ['in'])], report);
  if (fields === undefined) return;
  if (fields['not'] !== undefined && typeof fields['not'] !== 'boolean')
    report(`${path}.not`, 'must be true or false');
  switch (kind) {
    case 'time':
      checkTime(fields, path, report);
      break;
    case 'query':
      checkText(fields['name'], `${path}.name`, report);
      if (fields['in'] !== undefined)
        checkTexts(fields['in'], `${path}.in`, routingLimits.valuesMax, report);
      break;
    case 'visitor':
      if (!visitorStandings.includes(fields['is'] as 'new'))
        report(`${path}.is`, `must be one of ${visitorStandings.join(', ')}`);
      break;
    case 'clicks':
      if (fields['from'] === undefined && fields['below'] === undefined)
        report(path, 'needs from or below');
      for (const bound of ['from', 'below'])
        if (fields[bound] !== undefined && !isWhole(fields[bound], 0, routingLimits.limitMax))
          report(`${path}.${bound}`, 'must be a whole number');
      break;
    case 'share': {
      const percent = fields['percent'];
      if (typeof percent !== 'number' || !(percent > 0 && percent < 100))
        report(`${path}.percent`, 'must be between 0 and 100');
      break;
    }
    default:
      checkTexts(fields['in'], `${path}.in`, routingLimits.valuesMax, report);
      checkValues(kind as ListKind, fields['in'], `${path}.in`, report);
  }
}

/** What could never hold is a mistake of whoever wrote it. */
const valueRules: { readonly [Kind in ListKind]?: readonly [(text: string) => boolean, string] } = {
  country: [(text) => isCountryCode(text.toUpperCase()), 'a two-letter country code (ISO 3166-1)'],
  device: [
    (text) => text !== 'bot' && deviceTypes.includes(text.toLowerCase() as 'mobile'),
    `one of ${deviceTypes.filter((type) => type !== 'bot').join(', ')}`,
  ],
  language: [
    (text) => /^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/i.test(text),
    'a language tag such as "de" or "pt-BR" (BCP 47)',
  ],
  referrer: [
    (text) => /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i.test(text),
    'a host such as "news.example"; its subdomains are meant too',
  ],
  address: [isAddressRange, 'an IP address or a range such as "203.0.113.0/24"'],
};

function checkValues(kind: ListKind, value: unknown, path: string, report: Report): void {
  const rule = valueRules[kind];
  if (rule === undefined || !Array.isArray(value)) return;
  const [isValid, expected] = rule;
  const wrong = (value as unknown[]).find((text) => typeof text !== 'string' || !isValid(text));
  if (wrong !== undefined) report(path, `must hold ${expected}`);
}

function checkTime(fields: Fields, path: string, report: Report): void {
  const { zone, days, from, to } = fields;
  if (typeof zone !== 'string' || !isTimezone(zone))
    report(`${path}.zone`, 'must be an IANA time zone such as "Europe/Berlin"');
  if (
    days !== undefined &&
    (!Array.isArray(days) || days.length === 0 || !days.every((day) => isWhole(day, 1, 7)))
  )
    report(`${path}.days`, 'must hold numbers from 1 (Monday) to 7 (Sunday)');
  if ((from === undefined) !== (to === undefined)) report(path, 'needs both from and to');
  for (const [name, time] of [
    ['from', from],
    ['to', to],
  ] as const)
    if (
      time !== undefined &&
      !(typeof time === 'string' && /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(time))
    )
      report(`${path}.${name}`, 'must be a time such as "09:30"');
  for (const name of ['after', 'before'])
    if (fields[name] !== undefined && !isInstant(fields[name]))
      report(`${path}.${name}`, instantRule);
  if ([days, from, fields['after'], fields['before']].every((given) => given === undefined))
    report(path, 'needs days, from and to, after or before');
}

const instantRule = 'must be a time as in RFC 3339, for example 2026-12-31T23:59:59Z';

function isInstant(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/i.test(value) &&
    !Number.isNaN(Date.parse(value))
  );
}

function readFields(
  value: unknown,
  path: string,
  names: readonly string[],
  report: Report,
): Fields | undefined {
  if (!isFields(value)) {
    report(path, 'must be an object');
    return undefined;
  }
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown !== undefined) report(`${path}.${unknown.slice(0, 50)}`, 'is not a known field');
  return value;
}

function readList(value: unknown, path: string, max: number, report: Report): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.length <= max) return value;
  report(path, `must be a list of at most ${max}`);
  return [];
}

function checkName(value: unknown, path: string, taken: Set<unknown>, report: Report): void {
  const { nameLengthMax } = routingLimits;
  if (typeof value !== 'string' || value === '' || value.length > nameLengthMax)
    report(path, `must have 1 to ${nameLengthMax} characters`);
  else if (hasControlCharacter(value) || !value.isWellFormed())
    report(path, 'must not contain control characters');
  else if (taken.has(value)) report(path, 'is taken');
  taken.add(value);
}

function checkText(value: unknown, path: string, report: Report): void {
  const { valueLengthMax } = routingLimits;
  if (typeof value !== 'string' || value === '' || value.length > valueLengthMax)
    report(path, `must be text of 1 to ${valueLengthMax} characters`);
  else if (hasControlCharacter(value) || !value.isWellFormed())
    report(path, 'must not contain control characters');
}

function checkTexts(value: unknown, path: string, max: number, report: Report): void {
  if (!Array.isArray(value) || value.length === 0 || value.length > max) {
    report(path, `must be a list of 1 to ${max} texts`);
    return;
  }
  for (const text of value as unknown[]) checkText(text, path, report);
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Lists without anything in them say nothing. */
function withoutEmpty(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([name, value]) =>
        value !== undefined &&
        !(
          (name === 'rules' || name === 'variants') &&
          Array.isArray(value) &&
          value.length === 0
        ) &&
        !(name === 'limits' && isFields(value) && Object.keys(value).length === 0),
    ),
  );
}
