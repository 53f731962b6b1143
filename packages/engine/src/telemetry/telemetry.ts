import {
  SpanKind,
  SpanStatusCode,
  context,
  isSpanContextValid,
  metrics,
  trace,
} from '@opentelemetry/api';
import type { Attributes, MeterProvider, SpanContext, TracerProvider } from '@opentelemetry/api';

import { describeFault } from '../kernel/describe-fault.ts';
import type { Metric } from './metric.ts';

/** Where spans and metrics go: those of the OpenTelemetry API, of whatever SDK. */
export interface TelemetryOptions {
  /** @default the global one, which does nothing until an SDK is registered */
  readonly tracerProvider?: TracerProvider;
  /** @default the global one, as it is when the engine is made */
  readonly meterProvider?: MeterProvider;
}

/** Only ids of ours, names of kinds and numbers: nothing of a person, no address, no text that anybody has sent. */
export type TelemetryAttributes = Attributes;

export interface TelemetrySpan {
  note(attributes: TelemetryAttributes): void;
  /** It went wrong, and nothing is thrown. */
  fail(): void;
}

export interface SpanStart {
  readonly attributes?: TelemetryAttributes;
  /** @default 'internal' */
  readonly kind?: 'internal' | 'server' | 'client' | 'consumer';
  /**
   * What the caller's `traceparent` says: its trace goes on here, unless a span is open already, because the host's own
   * instrumentation has read it.
   */
  readonly traceparent?: string | undefined;
  /** Begins a trace of its own: work for many callers at once belongs to none of them. */
  readonly isRoot?: boolean;
}

/** Spans around what the engine does. */
export interface Telemetry {
  /** Does the work within a span. What it throws is noted by its kind, because messages may quote anything, and goes on. */
  within<T>(name: string, start: SpanStart, work: (span: TelemetrySpan) => Promise<T>): Promise<T>;
}

/** As the instrumentation scope of all that comes from here. */
const scopeName = 'headwater';
const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
} as const;

export function createTelemetry({ tracerProvider }: TelemetryOptions = {}): Telemetry {
  const tracer = (tracerProvider ?? trace).getTracer(scopeName);
  return {
    within(name, { attributes, kind = 'internal', traceparent, isRoot = false }, work) {
      const settings = { kind: kinds[kind], root: isRoot, ...(attributes && { attributes }) };
      const caller = trace.getActiveSpan() === undefined ? readTraceParent(traceparent) : undefined;
      const within = caller ? trace.setSpanContext(context.active(), caller) : context.active();
      return tracer.startActiveSpan(name, settings, within, async (span) => {
        const fail = (): void => {
          span.setStatus({ code: SpanStatusCode.ERROR });
        };
        try {
          return await work({ note: (noted) => void span.setAttributes(noted), fail });
        } catch (error) {
          const { name: type, code } = describeFault(error);
          span.setAttribute('error.type', code ?? type);
          fail();
          throw error;
        } finally {
          span.end();
        }
      });
    },
  };
}

/** https://www.w3.org/TR/trace-context/#traceparent-header; later versions may add fields at its end. */
function readTraceParent(text: string | undefined): SpanContext | undefined {
  const found = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/.exec(
    text ?? '',
  );
  if (found === null) return undefined;
  const [, traceId = '', spanId = '', flags = ''] = found;
  const caller = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(caller) ? caller : undefined;
}

/**
 * Gives the metrics of `/metrics` to a meter too, under the same names; they are read when its SDK asks. Returns what ends
 * it.
 */
export function observeMetrics(
  { meterProvider = metrics.getMeterProvider() }: TelemetryOptions = {},
  observed: readonly Metric[],
): () => void {
  const meter = meterProvider.getMeter(scopeName);
  const endings = observed.map(({ name, type, help: description, read }) => {
    const instrument =
      type === 'counter'
        ? meter.createObservableCounter(name, { description })
        : meter.createObservableGauge(name, { description });
    const observe: Parameters<typeof instrument.addCallback>[0] = (result) =>
      result.observe(read());
    instrument.addCallback(observe);
    return () => instrument.removeCallback(observe);
  });
  return () => {
    for (const end of endings) end();
  };
}
