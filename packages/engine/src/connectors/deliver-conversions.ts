import type {
  Connector,
  ConnectorContext,
  DeliveryPorts,
  Outcome,
  OutgoingRequest,
  Payload,
  PlatformResponse,
} from './connector.ts';
import type { OutgoingConversion } from './outgoing-conversion.ts';
import { plainMessage } from './platform-answer.ts';
import { redactRequest, redactText, secretsOf } from './redact-request.ts';
import { sendRequest } from './send-request.ts';
import type { SendAnswer, SendFailure } from './send-request.ts';

export interface DeliverPorts {
  readonly fetch: typeof fetch;
  /** How long one request may take, answer included. @default 30_000 */
  readonly timeoutMilliseconds?: number;
  /** Whether another request may go out now, by the platform's rates. @default always */
  readonly admit?: () => boolean | Promise<boolean>;
  /** Gives up: what is not answered yet counts as unanswered. */
  readonly signal?: AbortSignal;
}

export interface DeliveryResult {
  readonly conversion: OutgoingConversion;
  readonly outcome: FinalOutcome;
  /** Absent where the conversion could not be built. */
  readonly payload?: Payload;
  /** The last request it was in; absent where none was sent. */
  readonly exchange?: Exchange;
}

/** Every way in which it can end; what went out again has the outcome of its last request. */
export type FinalOutcome = Exclude<Outcome, { readonly outcome: 'resend' }>;

/** One request and its answer, without secrets: for the log. */
export interface Exchange {
  readonly request: OutgoingRequest | undefined;
  readonly conversions: number;
  readonly status?: number;
  /** The beginning of what was answered. */
  readonly answer?: string;
  readonly failure?: SendFailure;
}

interface Row {
  readonly conversion: OutgoingConversion;
  readonly payload: Payload;
}

/** Halving 1,000 conversions to find one takes 20 requests; more than this in one go is for later. */
const requestsMax = 64;
const answerLengthMax = 2_000;

/**
 * Builds, sends and judges conversions: one result for each, in their order. Only conversions that `judgeConversion`
 * let through. A request that is refused as a whole goes out again at once, without what was wrong with it; after too
 * much or bad credentials nothing more is sent. It writes nothing: the caller claims before and marks after.
 */
export async function deliverConversions(
  connector: Connector,
  conversions: readonly OutgoingConversion[],
  context: ConnectorContext,
  ports: DeliverPorts,
): Promise<readonly DeliveryResult[]> {
  const results = new Map<OutgoingConversion, DeliveryResult>();
  const rows: Row[] = [];
  for (const conversion of conversions) {
    const built = connector.build(conversion, context);
    if (built.ok) rows.push({ conversion, payload: built.value });
    else results.set(conversion, { conversion, outcome: refusedOutcome(built) });
  }
  const waiting = cutIntoRequests(connector, rows, context);
  let sent = 0;
  for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
    if (sent === requestsMax || (await ports.admit?.()) === false) {
      for (const row of [batch, ...waiting].flat())
        results.set(row.conversion, { ...row, outcome: sent === requestsMax ? notYet : ownLimit });
      break;
    }
    sent += 1;
    const { exchange, outcomes } = await sendBatch(connector, batch, context, ports);
    const again: Row[] = [];
    for (const [index, row] of batch.entries()) {
      const outcome = outcomes[index]!;
      if (outcome.outcome === 'resend') again.push(row);
      else results.set(row.conversion, { ...row, outcome, exchange });
    }
    waiting.unshift(...smallerBatches(again, batch.length));
    const stop = outcomes.find(endsEverything);
    if (stop === undefined) continue;
    for (const row of waiting.flat()) results.set(row.conversion, { ...row, outcome: stop });
    break;
  }
  return conversions.map((conversion) => results.get(conversion)!);
}

/** In the order given; one group for each request, and in test mode one conversion, as some platforms want. */
function cutIntoRequests(
  { batch }: Connector,
  rows: readonly Row[],
  { test }: ConnectorContext,
): Row[][] {
  const conversionsMax = test ? 1 : batch.conversionsMax;
  const bytesMax = batch.bytesMax ?? Infinity;
  const requests: Row[][] = [];
  const open = new Map<string, { rows: Row[]; bytes: number }>();
  for (const row of rows) {
    const group = row.payload.group ?? '';
    const bytes = bytesMax === Infinity ? 0 : Buffer.byteLength(JSON.stringify(row.payload.body));
    const current = open.get(group);
    if (
      current !== undefined &&
      current.rows.length < conversionsMax &&
      current.bytes + bytes <= bytesMax
    ) {
      current.rows.push(row);
      current.bytes += bytes;
    } else {
      const next = { rows: [row], bytes };
      open.set(group, next);
      requests.push(next.rows);
    }
  }
  return requests;
}

async function sendBatch(
  connector: Connector,
  batch: readonly Row[],
  context: ConnectorContext,
  ports: DeliverPorts,
): Promise<{ readonly exchange: Exchange; readonly outcomes: readonly Outcome[] }> {
  const payloads = batch.map(({ payload }) => payload);
  const request = connector.request?.(payloads, context);
  const secrets = secretsOf(connector, context);
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
    outcomes: outcomesOf(connector, response, payloads),
  };
}

async function send(
  connector: Connector,
  payloads: readonly Payload[],
  sending: {
    readonly request: OutgoingRequest | undefined;
    readonly context: ConnectorContext;
    readonly ports: DeliverPorts;
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
  const classified = connector.classify(response, payloads);
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

/** What went out and was not answered may have arrived; it goes out again only where the platform knows repeats. */
function outcomeOfFailure(
  { failure, message }: Extract<SendAnswer, { readonly ok: false }>,
  connector: Connector,
  conversion: OutgoingConversion,
  context: ConnectorContext,
): Outcome {
  if (failure === 'refused') return { outcome: 'credentials', code: 'address_refused', message };
  if (failure === 'unreachable' || connector.deduplicates?.(conversion, context) !== false)
    return { outcome: 'retry', code: failure, message };
  return {
    outcome: 'rejected',
    code: 'unanswered',
    message: `${connector.label} would count a repeat twice, and the first may have arrived. ${message}`,
  };
}

/** Without what was wrong; in halves where nothing was known to be. */
function smallerBatches(again: Row[], sentTogether: number): Row[][] {
  if (again.length === 0) return [];
  if (again.length < sentTogether) return [again];
  const middle = Math.ceil(again.length / 2);
  return [again.slice(0, middle), again.slice(middle)];
}

function endsEverything(
  outcome: Outcome,
): outcome is Extract<FinalOutcome, { readonly outcome: 'rate_limited' | 'credentials' }> {
  return outcome.outcome === 'rate_limited' || outcome.outcome === 'credentials';
}

function refusedOutcome(refusal: {
  readonly code: string;
  readonly message: string;
}): FinalOutcome {
  const { code, message } = refusal;
  return code === 'configuration_incomplete'
    ? { outcome: 'credentials', code, message }
    : { outcome: 'rejected', code, message };
}

function withoutBody({ method, url, headers }: OutgoingRequest): OutgoingRequest {
  return { method, url, headers };
}

const unexplained: FinalOutcome = {
  outcome: 'rejected',
  code: 'unexplained',
  message: 'The platform refused it without saying why.',
};
const notYet: FinalOutcome = {
  outcome: 'retry',
  code: 'too_many_requests_for_one_batch',
  message: 'Its batch was refused so often that the rest waits for the next attempt.',
};
const ownLimit: FinalOutcome = {
  outcome: 'rate_limited',
  code: 'own_limit',
  message: 'The platform takes no more requests for now.',
};
