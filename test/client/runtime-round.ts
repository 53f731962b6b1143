/** One round of the client, for runtimes that are not Node. Bundled, and given the endpoint's address. */
import { createTracking, deterministicEventId } from '@headwater/client';
import { createFakeServer, createFakeTime } from '@headwater/client/testing';

export async function runRound(baseUrl: string): Promise<Record<string, unknown>> {
  const options = { apiKey: 'key', project: 'shop', baseUrl };
  const eventId = await deterministicEventId('shop', 'user_registered', 1);
  const time = createFakeTime();
  const { fetch } = createFakeServer(503, 'refused', 'silence');
  await using tracking = createTracking(options);
  const hurried = createTracking({ ...options, timeoutMs: 100, maxRetries: 0 });
  const retried = createTracking({ ...options, fetch, time });
  tracking.enqueue({ eventType: 'user_registered', userId: 2 });
  tracking.enqueue({ eventType: 'user_converted', userId: 2 });
  return {
    flushed: await tracking.flush(),
    accepted: await tracking.trackRegistration({ userId: 1, eventId }),
    redirected: await tracking.track({ eventType: 'redirected', userId: 1 }),
    late: await hurried.track({ eventType: 'unanswered', userId: 1 }),
    retried: await time.finish(retried.trackRegistration({ userId: 1 })),
  };
}
