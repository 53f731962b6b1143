import type { Context } from '../context.ts';
import { day, hour, toMilliseconds } from '../kernel/clock.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import { accessTokenFor } from './access-token.ts';
import { contextOf } from './configured-connector.ts';
import type { ConfiguredConnector } from './configured-connector.ts';
import type { Diagnosis } from './connector.ts';
import { claimFollowUps, noteDiagnosis } from './follow-up-store.ts';
import { sendRequest } from './send-request.ts';

const askedAtOnce = 20;
/** A platform that is still processing is asked again, but not for ever. */
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
  const { database, clock, logger } = context;
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
  for (const { reference, deliveredAt } of references) {
    try {
      const request = followUp.request(reference, contextOf(configured, accessToken, now));
      const answer = await sendRequest(request, {
        fetch: context.connectors.fetch,
        signal: AbortSignal.timeout(context.connectors.timeoutMilliseconds),
      });
      if (!answer.ok) continue;
      const diagnosis = followUp.read(answer.response);
      const isLate = now - deliveredAt.getTime() > toMilliseconds(followUp.after) + givesUpAfter;
      if (diagnosis.diagnosis === 'processing' && !isLate) continue;
      await noteDiagnosis(database, owner, { reference, message: inWords(diagnosis), now });
    } catch (error) {
      logger.warn('A platform did not say what became of a request.', {
        ...owner,
        error: describeFault(error),
      });
    }
  }
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
