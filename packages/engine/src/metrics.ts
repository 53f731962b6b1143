import type { ClickStats } from './capture/record-click.ts';
import type { ConnectorPorts } from './connectors/connector-ports.ts';
import type { Limiter } from './limits/limiter.ts';
import type { LiveFeed } from './live/live-feed.ts';
import type { Spool } from './capture/spool.ts';
import type { Ingest } from './ingest/event.ts';
import type { Metric } from './telemetry/metric.ts';
import type { WebhookStats } from './webhooks/webhook-stats.ts';

/** Counters and gauges of one engine: for Prometheus and for OpenTelemetry. */
export function createMetrics({
  ingest,
  clicks,
  spool,
  limiter,
  live,
  connectors,
  webhooks,
}: {
  readonly ingest: Ingest;
  readonly clicks: ClickStats;
  readonly spool: Spool | undefined;
  readonly limiter: Limiter;
  readonly live: LiveFeed;
  readonly connectors: ConnectorPorts;
  readonly webhooks: WebhookStats;
}): readonly Metric[] {
  return [
    metric(
      'headwater_events_total',
      'counter',
      'Events that were answered after their commit.',
      () => ingest.stats.events,
    ),
    metric(
      'headwater_batches_total',
      'counter',
      'Transactions that held them.',
      () => ingest.stats.batches,
    ),
    metric(
      'headwater_queue_events',
      'gauge',
      'Events that wait for their commit.',
      () => ingest.stats.queued,
    ),
    metric(
      'headwater_batches_in_flight',
      'gauge',
      'Transactions that are on their way.',
      () => ingest.stats.inFlight,
    ),
    metric(
      'headwater_clicks_committed_total',
      'counter',
      'Clicks committed before their redirect.',
      () => clicks.committed,
    ),
    metric(
      'headwater_clicks_spooled_total',
      'counter',
      'Clicks written to the spool before their redirect.',
      () => clicks.spooled,
    ),
    metric(
      'headwater_clicks_lost_total',
      'counter',
      'Clicks that neither the database nor the spool took.',
      () => clicks.lost,
    ),
    metric(
      'headwater_clicks_rejected_total',
      'counter',
      'Clicks that the pipeline refused.',
      () => clicks.rejected,
    ),
    metric(
      'headwater_spool_waiting',
      'gauge',
      'Spooled clicks that are not in the database yet.',
      () => spool?.stats.waiting ?? 0,
    ),
    metric(
      'headwater_spool_rejected_total',
      'counter',
      'Spooled clicks that can never be recorded, put aside in rejected.ndjson.',
      () => spool?.stats.rejected ?? 0,
    ),
    metric(
      'headwater_rate_limited_total',
      'counter',
      'Requests that were refused because there had been too many.',
      () => limiter.stats.refused,
    ),
    metric(
      'headwater_live_streams',
      'gauge',
      'Streams of server-sent events that are open.',
      () => live.streams.stats.open,
    ),
    metric(
      'headwater_connector_requests_total',
      'counter',
      'Requests to the conversion APIs of ad platforms.',
      () => connectors.stats.requests,
    ),
    metric(
      'headwater_dispatches_delivered_total',
      'counter',
      'Conversions that ad platforms have taken.',
      () => connectors.stats.delivered,
    ),
    metric(
      'headwater_dispatches_retried_total',
      'counter',
      'Times that a conversion was put off, because of an outage, a limit or a paused connector.',
      () => connectors.stats.retried,
    ),
    metric(
      'headwater_dispatches_failed_total',
      'counter',
      'Conversions that can never be delivered.',
      () => connectors.stats.failed,
    ),
    metric(
      'headwater_dispatches_skipped_total',
      'counter',
      'Conversions that were not to be sent: signals, consent, age, policy.',
      () => connectors.stats.skipped,
    ),
    metric(
      'headwater_dispatches_waiting',
      'gauge',
      'Conversions of the installation that are still to be sent; the same number in each process.',
      () => connectors.stats.waiting,
    ),
    metric(
      'headwater_connectors_paused_total',
      'counter',
      'Times that a connector was paused because its credentials are refused.',
      () => connectors.stats.paused,
    ),
    metric(
      'headwater_webhooks_delivered_total',
      'counter',
      'Messages that webhooks have taken.',
      () => webhooks.delivered,
    ),
    metric(
      'headwater_webhooks_retried_total',
      'counter',
      'Attempts to reach a webhook that are followed by another one.',
      () => webhooks.retried,
    ),
    metric(
      'headwater_webhooks_failed_total',
      'counter',
      'Messages to webhooks that are not tried again.',
      () => webhooks.failed,
    ),
    metric(
      'headwater_webhooks_waiting',
      'gauge',
      'Messages of the installation that are still to arrive; the same number in each process.',
      () => webhooks.waiting,
    ),
    metric(
      'headwater_webhooks_disabled_total',
      'counter',
      'Times that a webhook was disabled because nothing arrived there.',
      () => webhooks.disabled,
    ),
  ];
}

function metric(name: string, type: Metric['type'], help: string, read: () => number): Metric {
  return { name, type, help, read };
}
