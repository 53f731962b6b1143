import type {
  Connector,
  ConnectorContext,
  DeliveryPorts,
  Outcome,
  OutgoingRequest,
  Payload,
  PlatformResponse,
} from './connector.ts';
import { connectorFault, isConnectorFault } from './connector-fault.ts';
import type { OutgoingConversion } from './outgoing-conversion.ts';
import { plainMessage } from './platform-answer.ts';
import { redactRequest, redactText, secretsOf } from './redact-request.ts';
import type { BuiltConversion } from './request-batches.ts';
import { sendRequest } from './send-request.ts';
import type { SendAnswer, SendFailure } from './send-request.ts';

export interface SendPorts {
  readonly fetch: typeof fetch;
  /** How long one request may take, answer included. @default 30_000 */
  readonly timeoutMilliseconds?: number;
  /** Gives up: what is not answered yet counts as unanswered. */
  readonly signal?: AbortSignal;
}

/** One request and its answer, without secrets: for the log. */
export interface Exchange {
  readonly request: OutgoingRequest | undefined;
  readonly conversions: number;
  readonly status?: number;
  /** The beginning of what was answered. */
  readonly answer?: string;
  readonly failure?: SendFailure;
}

const answerLengthMax = 2_000;

/** Sends what fits into one request, and judges the answer: one outcome for each conversion. Never throws. */
export async function sendBatch(
  connector: Connector,
  batch: readonly BuiltConversion[],
  context: ConnectorContext,
  ports: SendPorts,
): Promise<{ readonly exchange: Exchange; readonly outcomes: readonly Outcome[] }> {
  const payloads = batch.map(({ payload }) => payload);
  const secrets = secretsOf(connector, context);
  let request: OutgoingRequest | undefined;
  try {
    request = connector.request?.(payloads, context);
  } catch (error) {
    const exchange = { request: undefined, conversions: batch.length };
    return { exchange, outcomes: batch.map(() => connectorFault(error)) };
  }
  const answer = await send(connector, payloads, { request, context, ports, secrets });
  const conversions = batch.length;
  const shown = request && withoutBody(redactRequest(request, secrets));
  if (!answer.ok) {
    const outcomes = batch.map(({ conversion }) =>
      outcomeOfFailure(answer, connector, conversion, context),
    );
    return { exchange: { request: shown, conversions, failure: answer.failure }, outcomes };
  }
  const { response } = answer;
  const body = typeof response.body === 'string' ? response.body : JSON.stringify(response.body);
  return {
    exchange: {
      request: shown,
      conversions,
      status: response.status,
      answer: redactText(body, secrets).slice(0, answerLengthMax),
    },
    outcomes: outcomesOf(connector, response, payloads).map((outcome, row) =>
      isAmbiguous(outcome, response)
        ? outcomeOfSilence(outcome, connector, batch[row]!.conversion, context)
        : outcome,
    ),
  };
}

async function send(
  connector: Connector,
  payloads: readonly Payload[],
  sending: {
    readonly request: OutgoingRequest | undefined;
    readonly context: ConnectorContext;
    readonly ports: SendPorts;
    readonly secrets: readonly string[];
  },
): Promise<SendAnswer> {
  const { request, context, ports, secrets } = sending;
  const { fetch, timeoutMilliseconds = 30_000, signal } = ports;
  const deadline = AbortSignal.timeout(timeoutMilliseconds);
  const delivery: DeliveryPorts = {
    fetch,
    signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
  };
  if (request !== undefined) return await sendRequest(request, delivery);
  try {
    return { ok: true, response: await connector.deliver!(payloads, context, delivery) };
  } catch (error) {
    const failure = delivery.signal.aborted ? 'timeout' : 'closed';
    const said = error instanceof Error ? error.message : 'It failed.';
    return { ok: false, failure, message: plainMessage(redactText(said, secrets)) };
  }
}

/** One for each payload, whatever the connector answered. */
function outcomesOf(
  connector: Connector,
  response: PlatformResponse,
  payloads: readonly Payload[],
): readonly Outcome[] {
  let classified: Outcome | readonly Outcome[];
  try {
    classified = connector.classify(response, payloads);
  } catch (error) {
    return payloads.map(() => connectorFault(error));
  }
  const outcomes = isList(classified) ? classified : payloads.map(() => classified);
  return payloads.map((_, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined) return unexplained;
    // Alone it can't be anything else's fault.
    return outcome.outcome === 'resend' && payloads.length === 1 ? unexplained : outcome;
  });
}

function isList(classified: Outcome | readonly Outcome[]): classified is readonly Outcome[] {
  return Array.isArray(classified);
}

function outcomeOfFailure(
  { failure, message }: Extract<SendAnswer, { readonly ok: false }>,
  connector: Connector,
  conversion: OutgoingConversion,
  context: ConnectorContext,
): Outcome {
  if (failure === 'refused') return { outcome: 'credentials', code: 'address_refused', message };
  const later = { outcome: 'retry', code: failure, message } as const;
  return failure === 'unreachable'
    ? later
    : outcomeOfSilence(later, connector, conversion, context);
}

type Retry = Extract<Outcome, { readonly outcome: 'retry' }>;

/** An error inside a platform, or between it and us, does not say that nothing was counted; 503 does. */
function isAmbiguous(outcome: Outcome, { status }: PlatformResponse): outcome is Retry {
  return (
    outcome.outcome === 'retry' && (isConnectorFault(outcome) || [500, 502, 504].includes(status))
  );
}

/** What may have arrived goes out again only where the platform knows repeats. */
function outcomeOfSilence(
  later: Retry,
  connector: Connector,
  conversion: OutgoingConversion,
  context: ConnectorContext,
): Outcome {
  if (connector.deduplicates?.(conversion, context) !== false) return later;
  return {
    outcome: 'rejected',
    code: 'unanswered',
    message: `${connector.label} would count a repeat twice, and the first may have arrived. ${later.message}`,
  };
}

function withoutBody({ method, url, headers }: OutgoingRequest): OutgoingRequest {
  return { method, url, headers };
}

const unexplained: Outcome = {
  outcome: 'rejected',
  code: 'unexplained',
  message: 'The platform refused it without saying why.',
};
