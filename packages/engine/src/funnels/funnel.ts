import type { EventType } from '../ingest/event.ts';
import type { VisitFilter } from './visit-dimension.ts';

/** What an event has to be to count for a step. Several in one step hold together, or any of them does. */
export type StepFilter = EventFilter | UrlFilter | PropertyFilter | SourceFilter | LinkFilter;

/** Its type, and for those that have one its name. */
export interface EventFilter {
  readonly kind: 'event';
  readonly type: EventType;
  readonly name?: string | undefined;
}

export const urlScopes = ['path', 'host', 'full_url'] as const;
export type UrlScope = (typeof urlScopes)[number];
export const urlMatches = ['equals', 'starts_with', 'wildcard', 'regex', 'in'] as const;
export type UrlMatch = (typeof urlMatches)[number];

/** The address of the page. */
export interface UrlFilter {
  readonly kind: 'url';
  /** A path is compared without query, fragment, doubled slashes and a slash at its end. @default 'path' */
  readonly scope?: UrlScope | undefined;
  /** In a wildcard `*` stands for any characters; a regular expression is found anywhere. @default 'equals' */
  readonly match?: UrlMatch | undefined;
  /** Of every match but `in`. */
  readonly value?: string | undefined;
  /** Of the match `in`: any of these. */
  readonly values?: readonly string[] | undefined;
}

export const propertyOperators = ['eq', 'in'] as const;
export type PropertyOperator = (typeof propertyOperators)[number];

/** One of the event's own properties; numbers and booleans are compared by their text. */
export interface PropertyFilter {
  readonly kind: 'property';
  readonly key: string;
  /** @default 'eq' */
  readonly op?: PropertyOperator | undefined;
  readonly value?: string | undefined;
  readonly values?: readonly string[] | undefined;
}

export const sourceFields = ['channel', 'source', 'medium', 'campaign'] as const;

/** Where the visit came from, all that is given. */
export interface SourceFilter {
  readonly kind: 'source';
  readonly channel?: string | undefined;
  readonly source?: string | undefined;
  readonly medium?: string | undefined;
  readonly campaign?: string | undefined;
}

/** A click on one of these links, or another event that names one. */
export interface LinkFilter {
  readonly kind: 'link';
  readonly ids: readonly string[];
}

/** What of the visit the steps ask for. */
export function stepDimensions(
  steps: readonly Pick<FunnelStep, 'filters'>[],
): Array<(typeof sourceFields)[number]> {
  return steps.flatMap(({ filters }) =>
    filters.flatMap((filter) => (filter.kind === 'source' ? namedFields(filter) : [])),
  );
}

export function namedFields(filter: SourceFilter): Array<(typeof sourceFields)[number]> {
  return sourceFields.filter((field) => filter[field] !== undefined);
}

/** Whether filters name what somebody has only seen: nothing else finds that. */
export function asksForViews(filters: readonly StepFilter[]): boolean {
  return filters.some((filter) => filter.kind === 'event' && filter.type === 'impression');
}

export const stepFilterKinds = ['event', 'url', 'property', 'source', 'link'] as const;
export const stepCombinations = ['all', 'any'] as const;

export interface FunnelStep {
  /** What reports call the step; `undefined` where nobody has named it. */
  readonly label?: string | undefined;
  /** Whether all filters have to hold, or any. @default 'all' */
  readonly combine?: (typeof stepCombinations)[number] | undefined;
  readonly filters: readonly StepFilter[];
}

export const funnelScopes = ['person', 'session'] as const;
/** Whose events make a path: those of a person, whatever the device, or those of one visit. */
export type FunnelScope = (typeof funnelScopes)[number];

/** What is asked of the events: everything but the name. */
export interface FunnelDefinition {
  readonly steps: readonly FunnelStep[];
  /** How long after the first step the last one may be. @default { days: 7 } */
  readonly window?: { readonly days: number } | undefined;
  /** @default 'person' */
  readonly scope?: FunnelScope | undefined;
  /** Only first steps in visits like these. */
  readonly filters?: readonly VisitFilter[] | undefined;
}

/** The same with nothing left open. */
export interface CheckedDefinition extends Required<Omit<FunnelDefinition, 'steps'>> {
  readonly steps: ReadonlyArray<FunnelStep & { readonly combine: 'all' | 'any' }>;
  readonly window: { readonly days: number };
  readonly scope: FunnelScope;
  readonly filters: readonly VisitFilter[];
}

export interface Funnel extends CheckedDefinition {
  readonly workspaceId: string;
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly archivedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The limits of the source system (reference goodanalytics §8.2). */
export const funnelLimits = {
  nameLengthMax: 255,
  descriptionLengthMax: 1_000,
  labelLengthMax: 255,
  stepsMin: 2,
  stepsMax: 8,
  windowDaysMax: 90,
  windowDaysDefault: 7,
  filtersMax: 10,
  urlValuesMax: 50,
  urlLengthMax: 2_000,
  patternLengthMax: 200,
  propertyKeyLengthMax: 255,
  propertyValuesMax: 100,
  propertyLengthMax: 1_000,
  linksMax: 50,
} as const;
