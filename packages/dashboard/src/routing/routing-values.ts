import type { LinkRouting, RouteCondition } from '@headwater/client/api';
import { randomId } from '@mantine/hooks';

import type { standings } from './simulator-choices.ts';

export const listKinds = [
  'country',
  'region',
  'city',
  'device',
  'system',
  'browser',
  'language',
  'referrer',
  'address',
] as const;
export type ListKind = (typeof listKinds)[number];

export const conditionKinds = [
  ...listKinds,
  'time',
  'query',
  'visitor',
  'clicks',
  'share',
] as const;
export type ConditionKind = (typeof conditionKinds)[number];

export const limitKinds = ['clicks', 'people', 'conversions'] as const;

/** A condition as its form holds it: what its kind does not ask for stays empty. */
export interface ConditionValues {
  id: string;
  kind: ConditionKind;
  not: boolean;
  in: string[];
  /** Of the parameter. */
  name: string;
  zone: string;
  /** 1 is Monday. */
  days: string[];
  from: string;
  to: string;
  after: string;
  before: string;
  is: (typeof standings)[number];
  atLeast: number | '';
  below: number | '';
  percent: number | '';
}

export interface RuleValues {
  id: string;
  name: string;
  url: string;
  when: ConditionValues[];
}

export interface VariantValues {
  id: string;
  name: string;
  url: string;
  weight: number | '';
}

interface LimitValues {
  max: number | '';
  url: string;
}

/** Where a link leads beside its destination, as its form holds it: texts, where the API knows what is absent. */
export interface RoutingValues {
  startAt: string;
  startUrl: string;
  expiryUrl: string;
  limits: Record<(typeof limitKinds)[number], LimitValues>;
  rules: RuleValues[];
  variants: VariantValues[];
  goal: 'conversions' | 'revenue';
  query: 'all' | 'none' | 'some';
  parameters: string[];
}

export function emptyCondition(kind: ConditionKind, zone: string): ConditionValues {
  return {
    id: randomId(),
    kind,
    not: false,
    in: [],
    name: '',
    zone,
    days: [],
    from: '',
    to: '',
    after: '',
    before: '',
    is: 'new',
    atLeast: '',
    below: '',
    percent: '',
  };
}

export function emptyRule(name: string, zone: string): RuleValues {
  return { id: randomId(), name, url: '', when: [emptyCondition('country', zone)] };
}

export function emptyVariant(name: string, url: string): VariantValues {
  return { id: randomId(), name, url, weight: 1 };
}

export function routingValuesOf(routing: LinkRouting): RoutingValues {
  const { start, expiry, limits, rules = [], variants = [], goal, query } = routing ?? {};
  const limitOf = (kind: (typeof limitKinds)[number]): LimitValues => ({
    max: limits?.[kind]?.max ?? '',
    url: limits?.[kind]?.url ?? '',
  });
  return {
    startAt: start?.at ?? '',
    startUrl: start?.url ?? '',
    expiryUrl: expiry?.url ?? '',
    limits: {
      clicks: limitOf('clicks'),
      people: limitOf('people'),
      conversions: limitOf('conversions'),
    },
    rules: rules.map(({ name, url, when }) => ({
      id: randomId(),
      name,
      url,
      when: when.map(conditionValuesOf),
    })),
    variants: variants.map((variant) => ({ id: randomId(), ...variant })),
    goal: goal ?? 'conversions',
    query: Array.isArray(query) ? 'some' : (query ?? 'all'),
    parameters: Array.isArray(query) ? query : [],
  };
}

function conditionValuesOf(condition: RouteCondition): ConditionValues {
  const empty = { ...emptyCondition(condition.kind, ''), not: condition.not ?? false };
  switch (condition.kind) {
    case 'time':
      return {
        ...empty,
        zone: condition.zone,
        days: (condition.days ?? []).map(String),
        from: condition.from ?? '',
        to: condition.to ?? '',
        after: condition.after ?? '',
        before: condition.before ?? '',
      };
    case 'query':
      return { ...empty, name: condition.name, in: condition.in ?? [] };
    case 'visitor':
      return { ...empty, is: condition.is };
    case 'clicks':
      return { ...empty, atLeast: condition.from ?? '', below: condition.below ?? '' };
    case 'share':
      return { ...empty, percent: condition.percent };
    case 'country':
    case 'region':
    case 'city':
    case 'device':
    case 'system':
    case 'browser':
    case 'language':
    case 'referrer':
    case 'address':
      return { ...empty, in: condition.in };
  }
}

/** As the API takes it, `null` where the link is plain. What is left out here is taken off the link. */
export function toRouting(values: RoutingValues): LinkRouting {
  const { startAt, startUrl, expiryUrl, rules, variants, goal, query, parameters } = values;
  const limits = Object.fromEntries(
    limitKinds.flatMap((kind) => {
      const { max, url } = values.limits[kind];
      return max === '' ? [] : [[kind, { max, ...given('url', url) }]];
    }),
  );
  const routing: NonNullable<LinkRouting> = {
    ...(startAt !== '' && { start: { at: startAt, ...given('url', startUrl) } }),
    ...(expiryUrl.trim() !== '' && { expiry: { url: expiryUrl.trim() } }),
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(rules.length > 0 && {
      rules: rules.map(({ name, url, when }) => ({
        name: name.trim(),
        url: url.trim(),
        when: when.map(toCondition),
      })),
    }),
    ...(variants.length > 0 && {
      variants: variants.map(({ name, url, weight }) => ({
        name: name.trim(),
        url: url.trim(),
        weight: Number(weight),
      })),
      ...(goal !== 'conversions' && { goal }),
    }),
    ...(query !== 'all' && { query: query === 'none' ? 'none' : parameters }),
  };
  return Object.keys(routing).length === 0 ? null : { version: 1, ...routing };
}

function toCondition(values: ConditionValues): RouteCondition {
  const not = values.not ? { not: true } : {};
  switch (values.kind) {
    case 'time':
      return {
        kind: 'time',
        zone: values.zone,
        ...(values.days.length > 0 && { days: values.days.map(Number) }),
        ...given('from', values.from),
        ...given('to', values.to),
        ...given('after', values.after),
        ...given('before', values.before),
        ...not,
      };
    case 'query':
      return {
        kind: 'query',
        name: values.name.trim(),
        ...(values.in.length > 0 && { in: values.in }),
        ...not,
      };
    case 'visitor':
      return { kind: 'visitor', is: values.is, ...not };
    case 'clicks':
      return {
        kind: 'clicks',
        ...(values.atLeast !== '' && { from: values.atLeast }),
        ...(values.below !== '' && { below: values.below }),
        ...not,
      };
    case 'share':
      // Nothing is not 0 %: what is no number the server refuses, by the name of the field.
      return {
        kind: 'share',
        percent: values.percent === '' ? NaN : values.percent,
        ...not,
      };
    case 'country':
    case 'region':
    case 'city':
    case 'device':
    case 'system':
    case 'browser':
    case 'language':
    case 'referrer':
    case 'address':
      return { kind: values.kind, in: values.in, ...not };
  }
}

function given<Name extends string>(name: Name, text: string): { [_ in Name]?: string } {
  return (text.trim() === '' ? {} : { [name]: text.trim() }) as { [_ in Name]?: string };
}
