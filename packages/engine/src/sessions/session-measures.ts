import { minute, second } from '../kernel/clock.ts';

/** What a visit is judged by, besides its times and pages. */
export interface SessionMeasures {
  readonly events: number;
  readonly pageviews: number;
  /** The time that pages were in front of somebody, as `engagement` events report it. */
  readonly engagedMilliseconds: number;
  /** Events by which somebody did more than look. */
  readonly interactions: number;
  /** Leads, sales and registrations. */
  readonly conversions: number;
  /** Links of ours that were followed: how a visit begins, no interaction, and no bounce by itself. */
  readonly clicks: number;
}

export const noMeasures: SessionMeasures = {
  events: 0,
  pageviews: 0,
  engagedMilliseconds: 0,
  interactions: 0,
  conversions: 0,
  clicks: 0,
};

/** The most that one report of engagement counts for (GoodAnalytics, `engaged_ms`). */
const engagementMillisecondsMax = 30 * minute;

/** A visit with this much engagement is engaged, whatever else happened. */
export const engagedMillisecondsMin = 10 * second;

/**
 * GoodAnalytics' interactive events, with those that Headwater adds. Its `link_click` is not among them: there a click
 * is a visit of its own, here it is how the visit of its landing begins. See {@link isBounce}.
 */
const interactiveTypes: ReadonlySet<string> = new Set([
  'identify',
  'lead',
  'sale',
  'share',
  'custom',
  'registration',
  'redemption',
]);
const conversionTypes: ReadonlySet<string> = new Set(['lead', 'sale', 'registration']);

/** What one event adds to its visit. */
export function measuresOf(event: {
  readonly type: string;
  readonly properties?: Readonly<Record<string, unknown>> | null | undefined;
}): SessionMeasures {
  return {
    events: 1,
    pageviews: event.type === 'pageview' ? 1 : 0,
    engagedMilliseconds: event.type === 'engagement' ? engagementOf(event.properties) : 0,
    interactions: interactiveTypes.has(event.type) ? 1 : 0,
    conversions: conversionTypes.has(event.type) ? 1 : 0,
    clicks: event.type === 'link_click' ? 1 : 0,
  };
}

export function addMeasures(left: SessionMeasures, right: SessionMeasures): SessionMeasures {
  return {
    events: left.events + right.events,
    pageviews: left.pageviews + right.pageviews,
    engagedMilliseconds: left.engagedMilliseconds + right.engagedMilliseconds,
    interactions: left.interactions + right.interactions,
    conversions: left.conversions + right.conversions,
    clicks: left.clicks + right.clicks,
  };
}

/** A report of engagement says what happened within a visit: by itself it never begins one. */
export function beginsVisit(type: string): boolean {
  return type !== 'engagement';
}

/** Milliseconds, as whole ones; what is no such number counts for nothing. */
function engagementOf(properties: Readonly<Record<string, unknown>> | null | undefined): number {
  const reported = properties?.['engaged_ms'];
  if (typeof reported !== 'number' || !(reported > 0)) return 0;
  return Math.min(Math.trunc(reported), engagementMillisecondsMax);
}
