import { connectorFault } from './connector-fault.ts';
import type { Connector, ConnectorContext, Outcome, Payload } from './connector.ts';
import type { OutgoingConversion } from './outgoing-conversion.ts';
import { cutIntoRequests, smallerBatches } from './request-batches.ts';
import type { BuiltConversion } from './request-batches.ts';
import { sendBatch } from './send-batch.ts';
import type { Exchange, SendPorts } from './send-batch.ts';

export interface DeliverPorts extends SendPorts {
  /** Whether another request may go out now, by the platform's rates. @default always */
  readonly admit?: () => boolean | Promise<boolean>;
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

/** Halving 1,000 conversions to find one takes 20 requests; more than this in one go is for later. */
const requestsMax = 64;

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
  const rows: BuiltConversion[] = [];
  for (const conversion of conversions) {
    const built = build(connector, conversion, context);
    if ('payload' in built) rows.push(built);
    else results.set(conversion, { conversion, outcome: built });
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
    const again: BuiltConversion[] = [];
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

function build(
  connector: Connector,
  conversion: OutgoingConversion,
  context: ConnectorContext,
): BuiltConversion | FinalOutcome {
  try {
    const built = connector.build(conversion, context);
    return built.ok ? { conversion, payload: built.value } : refusedOutcome(built);
  } catch (error) {
    return connectorFault(error);
  }
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
