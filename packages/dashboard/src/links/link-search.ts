import { readChoice, readReportSearch, readText } from '../report/report-search.ts';
import type { ReportSearch } from '../report/report-search.ts';
import { said } from '../report/said.ts';
import { simulatedDeviceNames, standings } from '../routing/simulator-choices.ts';
import type { SimulatedDevice } from '../routing/simulator-choices.ts';

export const linkTabs = ['numbers', 'simulator', 'variants', 'history'] as const;
/** What the chart of a link shows: its clicks, or a number of the visits that came by it. */
export const linkMetrics = ['clicks', 'people', 'conversions', 'revenue'] as const;
export type LinkMetric = (typeof linkMetrics)[number];

/** The request that the simulator imagines. */
export interface SimulatorSearch {
  readonly country?: string;
  readonly device?: SimulatedDevice;
  readonly language?: string;
  readonly referrer?: string;
  readonly query?: string;
  readonly visitor?: (typeof standings)[number];
  /** Any text, the same one for the same person. */
  readonly person?: string;
  /** An instant. */
  readonly at?: string;
  /** Of a pattern link. */
  readonly path?: string;
  readonly unlocked?: true;
  /** Clicks before this one, instead of those that were counted. */
  readonly clicks?: number;
}

export interface LinkSearch extends ReportSearch, SimulatorSearch {
  readonly tab?: (typeof linkTabs)[number];
  readonly metric?: LinkMetric;
  /** Which list each of the panels shows, in their order. */
  readonly panels?: readonly string[];
}

export function readLinkSearch(search: Record<string, unknown>): LinkSearch {
  const tab = readChoice(search['tab'], linkTabs);
  const metric = readChoice(search['metric'], linkMetrics);
  const country = readText(search['country']);
  const at = readText(search['at']);
  const { clicks, panels } = search;
  return {
    ...readReportSearch(search),
    ...said({
      tab: tab === 'numbers' ? undefined : tab,
      metric: metric === 'clicks' ? undefined : metric,
      panels: Array.isArray(panels)
        ? panels.filter((name): name is string => typeof name === 'string')
        : undefined,
      country: country !== undefined && /^[A-Z]{2}$/.test(country) ? country : undefined,
      device: readChoice(search['device'], simulatedDeviceNames),
      language: readText(search['language']),
      referrer: readText(search['referrer']),
      query: readText(search['query']),
      visitor: readChoice(search['visitor'], standings),
      person: readText(search['person']),
      at: at !== undefined && !Number.isNaN(Date.parse(at)) ? at : undefined,
      path: readText(search['path']),
      unlocked: search['unlocked'] === true ? (true as const) : undefined,
      clicks:
        typeof clicks === 'number' && Number.isSafeInteger(clicks) && clicks >= 0
          ? clicks
          : undefined,
    }),
  };
}
