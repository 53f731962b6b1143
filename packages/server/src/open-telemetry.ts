import { setTimeout as sleep } from 'node:timers/promises';

import { DiagLogLevel, context, diag } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

import type { Log } from './log.ts';
import type { ServerTelemetry } from './telemetry.ts';

/** A collector that hangs does not keep a process from its end. */
const patienceMilliseconds = 2_000;

/**
 * Sends spans and metrics by OTLP over HTTP. Where to, with which headers and how long it may take stands in the variables
 * of OpenTelemetry, which its exporters read themselves:
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function openTelemetry(log: Log): ServerTelemetry {
  // What cannot be sent is no fault of a request, and would otherwise be told to nobody.
  const warn = (message: string): void => log.warn('telemetry is not sent', { reason: message });
  const quiet = (): void => undefined;
  diag.setLogger(
    { error: warn, warn: quiet, info: quiet, debug: quiet, verbose: quiet },
    DiagLogLevel.ERROR,
  );
  // So that a delivery stands below the job that it belongs to.
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const resource = resourceFromAttributes({ 'service.name': 'headwater' }).merge(
    detectResources({ detectors: [envDetector] }),
  );
  const tracerProvider = new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  });
  const meterProvider = new MeterProvider({
    resource,
    readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() })],
  });
  return {
    options: { tracerProvider, meterProvider },
    flush: () => atMost(meterProvider.forceFlush()),
    close: () => atMost(Promise.allSettled([tracerProvider.shutdown(), meterProvider.shutdown()])),
  };
}

async function atMost(work: Promise<unknown>): Promise<void> {
  const done = work.catch(() => undefined);
  await Promise.race([done, sleep(patienceMilliseconds, undefined, { ref: false })]);
}
