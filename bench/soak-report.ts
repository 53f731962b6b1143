import { markdownTable } from './report.ts';

/** What one minute of a soak showed. */
export interface SoakMinute {
  readonly minute: number;
  readonly eventsPerSecond: number;
  /** Milliseconds, from when a request was due: what waits behind a slow one counts. */
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
  readonly merges: number;
  /** The longest that somebody waited for a commit, in milliseconds. */
  readonly longestWait: number;
  readonly spooled: number;
  readonly megabytes: number;
  /** Of all rows, those that nobody sees any more. */
  readonly deadShare: number;
  readonly months: number;
  /** Microseconds of CPU for each event. */
  readonly serverCpu: number;
  readonly databaseCpu: number;
}

export interface SoakReport {
  readonly date: string;
  readonly machine: string;
  readonly rate: number;
  readonly minutes: readonly SoakMinute[];
  readonly monthsDropped: number;
}

/** `reference/identity-and-attribution.md` §8.3, row 10, and that what went in was taken. */
export const soakLimits = {
  p99Drift: 0.2,
  megabytesPerHour: 30,
  deadShare: 0.2,
  waitMilliseconds: 5_000,
} as const;

export interface Verdict {
  readonly name: string;
  readonly value: string;
  readonly limit: string;
  readonly met: boolean;
}

/** The first minute warms up; what drifts is seen between the first and the last third of the others. */
export function judgeSoak(report: SoakReport): Verdict[] {
  const minutes = report.minutes.slice(1);
  const third = Math.max(1, Math.floor(minutes.length / 3));
  const drift = median(minutes.slice(-third), 'p99') / median(minutes.slice(0, third), 'p99') - 1;
  const growth = slope(minutes.map(({ megabytes }) => megabytes)) * 60;
  const most = (of: keyof SoakMinute): number => Math.max(...report.minutes.map((one) => one[of]));
  const failed = report.minutes.reduce((sum, one) => sum + one.failed, 0);
  return [
    verdict(
      'p99, last third to first',
      percent(drift),
      'less than +20 %',
      drift < soakLimits.p99Drift,
    ),
    verdict(
      'growth of memory',
      `${growth.toFixed(0)} MB/h`,
      `at most ${soakLimits.megabytesPerHour} MB/h`,
      growth <= soakLimits.megabytesPerHour,
    ),
    verdict(
      'dead rows',
      percent(most('deadShare')),
      'less than 20 %',
      most('deadShare') < soakLimits.deadShare,
    ),
    verdict(
      'longest wait for a commit',
      `${Math.round(most('longestWait'))} ms`,
      'less than 5 s',
      most('longestWait') < soakLimits.waitMilliseconds,
    ),
    verdict('requests that failed', String(failed), '0', failed === 0),
    verdict(
      'months dropped by retention',
      String(report.monthsDropped),
      'at least 1',
      report.monthsDropped > 0,
    ),
  ];
}

export function formatSoak(report: SoakReport): string {
  const first =
    `${report.minutes.length} minutes at ${report.rate.toLocaleString('en')} events/s on ${report.date}: ${report.machine}. ` +
    'Load generator, server and database share the cores. The clock jumps twenty days every minute.';
  const rows = report.minutes.map((one) => [
    String(one.minute),
    Math.round(one.eventsPerSecond).toLocaleString('en'),
    one.p50.toFixed(1),
    one.p99.toFixed(1),
    String(one.merges),
    String(Math.round(one.longestWait)),
    String(one.spooled),
    one.megabytes.toFixed(0),
    percent(one.deadShare),
    String(one.months),
    one.serverCpu.toFixed(0),
    one.databaseCpu.toFixed(0),
  ]);
  const header = [
    'minute',
    'events/s',
    'p50 ms',
    'p99 ms',
    'merges',
    'longest wait ms',
    'spooled',
    'RSS MB',
    'dead rows',
    'months',
    'server µs',
    'PostgreSQL µs',
  ];
  const verdicts = judgeSoak(report);
  const judged = verdicts.map((one) => [
    one.name,
    one.value,
    one.limit,
    one.met ? 'met' : 'missed',
  ]);
  const all = verdicts.every(({ met }) => met) ? 'passed' : 'not passed';
  return [
    first,
    markdownTable(header, rows),
    markdownTable(['', 'measured', 'limit', ''], judged),
    `**${all}**`,
    '',
  ].join('\n\n');
}

function verdict(name: string, value: string, limit: string, met: boolean): Verdict {
  return { name, value, limit, met };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function median(minutes: readonly SoakMinute[], of: 'p99'): number {
  const sorted = minutes.map((one) => one[of]).sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** Of the line through the values that misses them least, for each step. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let over = 0;
  let under = 0;
  for (const [index, value] of values.entries()) {
    over += (index - middle) * (value - mean);
    under += (index - middle) ** 2;
  }
  return under === 0 ? 0 : over / under;
}
