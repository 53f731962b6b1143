/** What Prometheus wants to know of the process itself, under the names its own client libraries use. */
export function processMetrics(requestsInFlight: number): string {
  const { user, system } = process.cpuUsage();
  return [
    ...metric(
      'process_cpu_seconds_total',
      'counter',
      'CPU time of the process.',
      (user + system) / 1e6,
    ),
    ...metric(
      'process_resident_memory_bytes',
      'gauge',
      'Memory of the process.',
      process.memoryUsage.rss(),
    ),
    ...metric(
      'headwater_http_requests_in_flight',
      'gauge',
      'Requests that have no answer yet.',
      requestsInFlight,
    ),
    '',
  ].join('\n');
}

function metric(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  value: number,
): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${value}`];
}
