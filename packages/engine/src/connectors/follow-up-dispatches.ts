import type { Context } from '../context.ts';
import { day, hour, toMilliseconds } from '../kernel/clock.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import { accessTokenFor } from './access-token.ts';
import { admitRequest } from './admit-request.ts';
import { contextOf } from './configured-connector.ts';
import type { ConfiguredConnector } from './configured-connector.ts';
import type { ConnectorContext, Diagnosis } from './connector.ts';
import { claimFollowUps, noteDiagnosis, putOffFollowUps } from './follow-up-store.ts';
import { sendRequest } from './send-request.ts';

const askedAtOnce = 20;
/** A platform that is still processing, or does not answer, is asked again, but not for ever. */
const againAfter = 6 * hour;
const givesUpAfter = 3 * day;

/**
 * Asks a platform whose last word comes later than its answer what became of the requests that it took. It tells of a
 * request as a whole, so its problems are noted with every conversion of the request.
 */
export async function followUpDispatches(
  context: Context,
  configured: ConfiguredConnector,
): Promise<void> {
  const { connector, stored, configuration } = configured;
  const { followUp } = connector;
  if (followUp === undefined) return;
  const { database, clock } = context;
  const now = clock.now();
  const owner = { workspaceId: stored.workspaceId, connector: stored.type };
  const references = await claimFollowUps(database, owner, {
    now,
    until: now + againAfter,
    limit: askedAtOnce,
  });
  if (references.length === 0) return;
  const access = await accessTokenFor(context, connector, stored, configuration, { fresh: false });
  if (access.outcome !== 'token') return;
  const { accessToken } = access;
  const asking = contextOf(configured, accessToken, now);
  for (const [index, { reference, deliveredAt }] of references.entries()) {
    // A question is a request like any other: it counts against what the platform takes.
    const waits = await admitRequest(context, stored, connector.rates ?? []);
    if (waits > 0) {
      const unasked = references.slice(index).map((each) => each.reference);
      return putOffFollowUps(database, owner, unasked, new Date(clock.now() + waits));
    }
    const { diagnosis, mayChange } = await ask(context, configured, reference, asking);
    const isLate = now - deliveredAt.getTime() > toMilliseconds(followUp.after) + givesUpAfter;
    if (mayChange && !isLate) continue;
    await noteDiagnosis(database, owner, { reference, message: inWords(diagnosis), now });
  }
}

interface Answer {
  readonly diagnosis: Diagnosis;
  /** Whether another answer is likely later. */
  readonly mayChange: boolean;
}

async function ask(
  { connectors, logger }: Context,
  { connector, stored }: ConfiguredConnector,
  reference: string,
  asking: ConnectorContext,
): Promise<Answer> {
  try {
    const request = connector.followUp!.request(reference, asking);
    const answer = await sendRequest(request, {
      fetch: connectors.fetch,
      signal: AbortSignal.timeout(connectors.timeoutMilliseconds),
    });
    if (!answer.ok) return unanswered(answer.failure, answer.message);
    const diagnosis = connector.followUp!.read(answer.response);
    const mayChange =
      diagnosis.diagnosis === 'processing' ||
      (diagnosis.diagnosis === 'unknown' && isTrouble(answer.response.status));
    return { diagnosis, mayChange };
  } catch (error) {
    logger.warn('A platform did not say what became of a request.', {
      workspaceId: stored.workspaceId,
      connector: stored.type,
      error: describeFault(error),
    });
    return unanswered('connector_fault', 'The connector could not ask it.');
  }
}

function unanswered(code: string, message: string): Answer {
  return { diagnosis: { diagnosis: 'unknown', code, message }, mayChange: true };
}

/** Of the platform or of a token: it says nothing of the request that was asked about. */
function isTrouble(status: number): boolean {
  return status >= 500 || status === 429 || status === 401 || status === 403;
}

/** `undefined` where all is well. */
function inWords(diagnosis: Diagnosis): string | undefined {
  if (diagnosis.diagnosis === 'processing')
    return 'The platform was still processing it when it was last asked.';
  if (diagnosis.diagnosis === 'unknown')
    return `The platform does not say what became of it: ${diagnosis.message}`;
  if (diagnosis.problems.length === 0) return undefined;
  const problems = diagnosis.problems.map(({ code, conversions }) => `${code} (${conversions})`);
  return `Of ${diagnosis.received} in its request the platform left out: ${problems.join(', ')}`;
}
