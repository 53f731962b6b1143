import { runLoad } from './child.ts';
import type { Contender } from './contender.ts';
import type { Row } from './rows.ts';

/** The median of the rounds of one contender in one row. */
export interface Measurement {
  readonly row: Row['id'];
  readonly contender: string;
  readonly kind: Contender['kind'];
  readonly database: Contender['database'];
  /** Each round's. */
  readonly rounds: readonly number[];
  readonly eventsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** Answers that were not the expected ones. */
  readonly unexpected: number;
}

export interface Schedule {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

/**
 * Every contender in turn, round after round, so that what the machine does meanwhile meets all of them alike.
 */
export async function measureRow(
  row: Row,
  contenders: readonly Contender[],
  schedule: Schedule,
  report: (text: string) => void,
): Promise<readonly Measurement[]> {
  const samples = contenders.map(() => [] as Sample[]);
  for (let round = 1; round <= schedule.rounds; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      const sample = await measureOnce(row, contender, schedule);
      samples[index]?.push(sample);
      report(
        `${row.id} ${round}/${schedule.rounds} ${contender.name}: ${Math.round(sample.perSecond)} events/s, p99 ${sample.p99.toFixed(1)} ms` +
          (sample.unexpected > 0 ? `, ${sample.unexpected} UNEXPECTED ${sample.what}` : ''),
      );
    }
  }
  return contenders.map((contender, index): Measurement => {
    const own = samples[index] ?? [];
    return {
      row: row.id,
      contender: contender.name,
      kind: contender.kind,
      database: contender.database,
      rounds: own.map((sample) => Math.round(sample.perSecond)),
      eventsPerSecond: median(own.map((sample) => sample.perSecond)),
      p50: median(own.map((sample) => sample.p50)),
      p99: median(own.map((sample) => sample.p99)),
      p999: median(own.map((sample) => sample.p999)),
      unexpected: own.reduce((sum, sample) => sum + sample.unexpected, 0),
    };
  });
}

interface Sample {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly unexpected: number;
  readonly what: string;
}

async function measureOnce(row: Row, contender: Contender, schedule: Schedule): Promise<Sample> {
  const { requests, status } = contender.traffic[row.id]();
  const result = await runLoad({
    port: contender.port,
    connections: row.connections,
    seconds: schedule.seconds,
    warmUpSeconds: schedule.warmUpSeconds,
    requests,
    expectedStatus: status,
  });
  return {
    perSecond: result.perSecond * row.eventsPerRequest,
    p50: result.p50,
    p99: result.p99,
    p999: result.p999,
    unexpected: Object.values(result.unexpected).reduce((sum, count) => sum + count, 0),
    what: JSON.stringify(result.unexpected),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1
    ? (sorted[Math.floor(middle)] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
