/** A number of one engine that operators look at. */
export interface Metric {
  readonly name: string;
  /** Counters begin at 0 with the process and only grow. */
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  read(): number;
}

/** Prometheus' text format, version 0.0.4. */
export function formatMetrics(metrics: readonly Metric[]): string {
  return metrics
    .map(
      ({ name, type, help, read }) =>
        `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${read()}\n`,
    )
    .join('');
}
