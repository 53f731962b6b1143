import { cpus, loadavg, totalmem } from 'node:os';

import type { OpenedView } from './dashboard-requests.ts';

/** One request, in milliseconds: the first time, and the times after it. */
export interface Timed {
  readonly request: string;
  readonly status: number;
  /** The longest list in the answer. */
  readonly rows: number;
  readonly kilobytes: number;
  readonly first: number;
  readonly least: number;
  readonly median: number;
  readonly maximum: number;
  /** Of the server, for each time. */
  readonly cpu: number;
}

export interface DashboardReport {
  readonly command: string;
  readonly database: string;
  readonly rows: { readonly events: number; readonly people: number; readonly visits: number };
  readonly startMilliseconds: number;
  /** Of the server, in megabytes that are resident. */
  readonly memory: { readonly start: number; readonly opened: number; readonly end: number };
  readonly views: readonly OpenedView[];
  readonly requests: readonly Timed[];
  readonly variants: readonly Timed[];
}

/** What a view may take to its data, in milliseconds. */
const limit = 1_000;
/** Variants that take less are in the JSON only. */
const worthTelling = 150;

export function formatDashboardReport(report: DashboardReport): string {
  const { rows, memory, variants } = report;
  const frame = report.requests.filter(({ request }) =>
    report.views.every((view) => view.requests.includes(request)),
  );
  const slow = variants.filter(({ median }) => median >= worthTelling);
  return `\`${report.command}\` on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} cores of ${cpus()[0]?.model.trim() ?? 'an unknown processor'},
${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}, ${report.database}; server, browser and the program that asks share the cores; the load of
the machine in the minute before the end was ${(loadavg()[0] ?? 0).toFixed(1)}. ${count(rows.events)} events of ${count(rows.people)} people in ${count(rows.visits)} visits.

Start of the server with this database: ${count(report.startMilliseconds)} ms. Its memory: ${count(memory.start)} MB after the start,
${count(memory.opened)} MB when every view had been opened, ${count(memory.end)} MB at the end.

### Views

Milliseconds. Opened: in a browser, from the navigation to the last answer, with the application itself. Slowest request: of
those that the view sends and the frame around all views does not; median and maximum of the times after the first. CPU: of
the server for one request, which does not grow when the machine has other work.

${table(
  [
    'view',
    'requests',
    'opened',
    'slowest request',
    'rows',
    'first',
    'median',
    'maximum',
    'CPU',
    '',
  ],
  report.views.map((view) => {
    const [slowest] = report.requests
      .filter((one) => view.requests.includes(one.request) && !frame.includes(one))
      .toSorted((one, other) => other.median - one.median);
    return [
      view.view,
      String(view.requests.length),
      count(view.milliseconds),
      ...(slowest === undefined ? ['', '', '', '', '', ''] : timed(slowest)),
      slowest === undefined ? '' : judge(slowest),
    ];
  }),
)}

Around every view: ${frame.map((one) => `\`${shortened(one.request)}\` ${count(one.median)} ms, CPU ${count(one.cpu)}`).join('; ')}.

### Other periods, filters, orders, searches and pages

${count(variants.length)} requests, of which ${count(variants.filter(({ median }) => median > limit).length)} took more than a second, ${count(variants.filter(({ cpu }) => cpu > limit).length)} of them of CPU; those of ${worthTelling} ms and more:

${table(
  ['request', 'rows', 'first', 'median', 'maximum', 'CPU', ''],
  slow.map((one) => [...timed(one), judge(one)]),
)}
`;
}

function timed(one: Timed): string[] {
  return [
    `\`${shortened(one.request)}\``,
    count(one.rows),
    count(one.first),
    count(one.median),
    count(one.maximum),
    count(one.cpu),
  ];
}

/** As a person would tell it: how many days instead of two times, and no ids. */
function shortened(request: string): string {
  const [path = '', query = ''] = request.split('?');
  const asked = new URLSearchParams(query);
  const [from, to] = [asked.get('from'), asked.get('to')];
  const days =
    from && to ? Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) : undefined;
  const rest = [...asked]
    .filter(([name]) => !['from', 'to', 'timezone'].includes(name))
    .map(([name, value]) => `${name}=${value.replaceAll('|', '/')}`);
  const words = [...(days === undefined ? [] : [`${days} days`]), ...rest].join(' ');
  return `${path.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…')} ${words}`.trim();
}

function judge({ median, cpu }: Timed): string {
  if (median <= limit) return '';
  return cpu > limit ? 'over a second' : 'over a second, most of it waiting for the machine';
}

function count(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 0 });
}

function table(header: readonly string[], lines: ReadonlyArray<readonly string[]>): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [row(header), row(header.map(() => '---')), ...lines.map(row)].join('\n');
}
