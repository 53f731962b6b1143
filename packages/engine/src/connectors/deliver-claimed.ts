import type { Context } from '../context.ts';
import { day, minute, second, toMilliseconds } from '../kernel/clock.ts';
import { RefusedAddressError } from '../outbound/guarded-fetch.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { accessTokenFor } from './access-token.ts';
import { admitRequest } from './admit-request.ts';
import { clickSignalOf } from './click-signal.ts';
import { contextOf } from './configured-connector.ts';
import type { ConfiguredConnector } from './configured-connector.ts';
import type { OutcomeReason } from './connector.ts';
import { deliverConversions } from './deliver-conversions.ts';
import type { DeliveryResult, FinalOutcome } from './deliver-conversions.ts';
import type { ClaimedDispatch, DispatchResult } from './dispatch.ts';
import { gatherConversions } from './gather-conversions.ts';
import { judgeDispatch } from './judge-dispatch.ts';
import type { SendableDispatch } from './judge-dispatch.ts';
import { estimateMatch } from './match-quality.ts';
import { settleOutcome } from './settle-outcome.ts';

/** What is to be done about the connector as a whole, after what was claimed. */
export type ConnectorVerdict =
  | { readonly kind: 'goes_on' }
  | { readonly kind: 'rests'; readonly until: number }
  | { readonly kind: 'pauses'; readonly code: string; readonly message: string };

export interface DeliveredClaim {
  /** As many as the dispatches. */
  readonly results: readonly DispatchResult[];
  readonly verdict: ConnectorVerdict;
}

/** An outage is sat out this long before the next conversion is tried. */
const restAfterOutage = minute;
const retryForDefault = 3 * day;
/** How long requests go on being sent for one claim: half of what it lasts. */
const sendingAtMost = 7 * minute;

/** Sends dispatches that this process has claimed, and says of each what became of it; writes nothing of it. */
export async function deliverClaimed(
  context: Context,
  workspace: Workspace,
  configured: ConfiguredConnector,
  claimed: readonly ClaimedDispatch[],
): Promise<DeliveredClaim> {
  const results: DispatchResult[] = [];
  const sendable: SendableDispatch[] = [];
  const gathered = await gatherConversions(context, workspace, claimed);
  for (const dispatch of claimed) {
    const found = gathered.get(dispatch.id)!;
    const judged = await judgeDispatch(context, workspace, configured, dispatch, found);
    if ('status' in judged) results.push(judged);
    else sendable.push(judged);
  }
  if (sendable.length === 0) return { results, verdict: { kind: 'goes_on' } };
  const sent = await sendDispatches(context, configured, sendable);
  return { results: [...results, ...sent.results], verdict: sent.verdict };
}

async function sendDispatches(
  context: Context,
  configured: ConfiguredConnector,
  sendable: readonly SendableDispatch[],
): Promise<DeliveredClaim> {
  const { connector, stored, configuration } = configured;
  const token = (fresh: boolean) =>
    accessTokenFor(context, connector, stored, configuration, { fresh });
  let access = await token(false);
  if (access.outcome !== 'token') return withoutAccess(context, sendable, access);
  let delivered = await send(context, configured, sendable, access.accessToken);
  if (connector.oauth !== undefined && delivered.results.some(isExpired)) {
    const expired = sendable.filter((_, index) => isExpired(delivered.results[index]!));
    const others = sendable.filter((_, index) => !isExpired(delivered.results[index]!));
    const answered = delivered.results.filter((result) => !isExpired(result));
    access = await token(true);
    if (access.outcome !== 'token') {
      // Only what was refused waits: what was taken before stays taken.
      const waiting = withoutAccess(context, expired, access);
      const settled = settle(context, configured, others, { ...delivered, results: answered });
      return { ...waiting, results: [...settled.results, ...waiting.results] };
    }
    const again = await send(context, configured, expired, access.accessToken);
    delivered = {
      results: [...answered, ...again.results],
      isAddressRefused: again.isAddressRefused,
      waits: again.waits,
    };
    return settle(context, configured, [...others, ...expired], delivered);
  }
  return settle(context, configured, sendable, delivered);
}

interface Sent {
  /** In the order of what was sent. */
  readonly results: readonly DeliveryResult[];
  readonly isAddressRefused: boolean;
  /** How long the platform takes no more by its rates, in milliseconds. */
  readonly waits: number;
}

async function send(
  context: Context,
  configured: ConfiguredConnector,
  sendable: readonly SendableDispatch[],
  accessToken: string | undefined,
): Promise<Sent> {
  const { connectors, clock } = context;
  const { connector, stored } = configured;
  const startedAt = clock.now();
  let isAddressRefused = false;
  let waits = 0;
  const results = await deliverConversions(
    connector,
    sendable.map(({ conversion }) => conversion),
    contextOf(configured, accessToken, startedAt),
    {
      timeoutMilliseconds: connectors.timeoutMilliseconds,
      async fetch(input, init) {
        connectors.stats.requests += 1;
        return connectors.fetch(input, init).catch((error: unknown) => {
          isAddressRefused ||= error instanceof RefusedAddressError;
          throw error;
        });
      },
      async admit() {
        if (clock.now() - startedAt >= sendingAtMost) return false;
        waits = await admitRequest(context, stored, connector.rates ?? []);
        return waits === 0;
      },
    },
  );
  return { results, isAddressRefused, waits };
}

function settle(
  context: Context,
  { connector, configuration }: ConfiguredConnector,
  sendable: readonly SendableDispatch[],
  { results, isAddressRefused, waits }: Sent,
): DeliveredClaim {
  const now = context.clock.now();
  const { retryFor } = context.options.connectors ?? {};
  const settled = sendable.map(({ dispatch, conversion }, index) => {
    const { outcome, exchange } = results[index]!;
    // What was answered before the address led elsewhere stands: sent again it would be there twice.
    const isUnanswered = exchange !== undefined && exchange.status === undefined;
    const isRefused = isAddressRefused && (isUnanswered || outcome.outcome === 'credentials');
    return settleOutcome(dispatch, isRefused ? addressRefused : outcome, {
      connector,
      now,
      random: Math.random(),
      retryFor: retryFor === undefined ? retryForDefault : toMilliseconds(retryFor),
      exchange,
      repeatable: connector.deduplicates?.(conversion, configuration) !== false,
      sentWith: {
        matchedBy: clickSignalOf(conversion.signals),
        // Where nothing is known of what it recognises, an estimate would be none.
        matchQuality:
          connector.matchWeights === undefined
            ? undefined
            : estimateMatch(connector, conversion).score,
      },
    });
  });
  const outcomes = isAddressRefused ? [addressRefused] : results.map(({ outcome }) => outcome);
  return { results: settled, verdict: verdictOn(outcomes, now, waits) };
}

function isExpired({ outcome }: DeliveryResult): boolean {
  return outcome.outcome === 'credentials' && outcome.expired === true;
}

const addressRefused: FinalOutcome = {
  outcome: 'credentials',
  code: 'private_network',
  message: 'The address is in a private network, to which nothing is sent.',
};

/** Without a token nothing can be sent: they wait, and it is no attempt of theirs. */
function withoutAccess(
  context: Context,
  sendable: readonly SendableDispatch[],
  access: OutcomeReason & Exclude<FinalOutcome, { readonly outcome: 'delivered' }>,
): DeliveredClaim {
  const now = context.clock.now();
  const verdict = verdictOn([access], now, restAfterOutage);
  const dueAt = verdict.kind === 'rests' ? verdict.until : now;
  const { code: reason, message } = access;
  return {
    results: sendable.map(({ dispatch }) => ({
      dispatch,
      status: 'pending',
      reason,
      message,
      dueAt,
    })),
    verdict,
  };
}

/**
 * @param paceMilliseconds when the platform takes the next request, where it says how many it takes
 */
function verdictOn(
  outcomes: readonly FinalOutcome[],
  now: number,
  paceMilliseconds: number,
): ConnectorVerdict {
  const refused = outcomes.find((outcome) => outcome.outcome === 'credentials');
  if (refused !== undefined) {
    const { code, message } = refused;
    return { kind: 'pauses', code, message };
  }
  const limited = outcomes.find((outcome) => outcome.outcome === 'rate_limited');
  if (limited !== undefined) {
    const isOwn = limited.code === 'own_limit';
    const seconds = limited.retryAfterSeconds ?? 60;
    return { kind: 'rests', until: now + (isOwn ? paceMilliseconds : seconds * second) };
  }
  // The others would fare no better.
  const isOutage = outcomes.every((outcome) => outcome.outcome === 'retry');
  return isOutage ? { kind: 'rests', until: now + restAfterOutage } : { kind: 'goes_on' };
}
