import type { Context } from '../context.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { isOutage } from '../store/outage.ts';
import { attemptDeliveries } from './attempt-deliveries.ts';
import { findEndpoint } from './endpoint-store.ts';
import type { SendWebhook } from './send-webhook.ts';
import type { StoredEndpoint } from './webhook-endpoint.ts';

/** One lane for each endpoint, so that none waits for what another one answers. */
export interface EndpointLanes {
  readonly report: { delivered: number; failed: number };
  /** Sends what is due for an endpoint until nothing is. A lane that is open already looks once more before its end. */
  open(workspace: Workspace, endpoint: StoredEndpoint): void;
  size(): number;
  /** Resolves when all lanes that are open have come to their ends. */
  ended(): Promise<unknown>;
}

/** Requests of one lane at once. An endpoint at which nothing arrives is probed with one. */
const laneWidth = 5;
const lanesAtOnce = 8;
/** They have places of their own: receivers that let requests hang take none of those that answer. */
const failingLanesAtOnce = 8;

export function createEndpointLanes(
  context: Context,
  send: SendWebhook,
  goesOn: () => boolean,
): EndpointLanes {
  const lanes = new Map<string, Promise<void>>();
  const report = { delivered: 0, failed: 0 };
  const places = { working: createPlaces(lanesAtOnce), failing: createPlaces(failingLanesAtOnce) };
  const looksAgain = new Set<string>();

  async function run(workspace: Workspace, first: StoredEndpoint): Promise<void> {
    let endpoint = first;
    for (;;) {
      looksAgain.delete(first.id);
      const sentTo = endpoint;
      const isFailing = sentTo.failingSince !== null;
      const { claimed, delivered } = await places[isFailing ? 'failing' : 'working'](() =>
        attemptDeliveries(context, workspace, sentTo, { send, limit: isFailing ? 1 : laneWidth }),
      );
      report.delivered += delivered;
      report.failed += claimed - delivered;
      if (claimed === 0 && !looksAgain.has(first.id)) break;
      const latest = await findEndpoint(context.database.db, workspace.id, first.id);
      if (!goesOn() || latest === undefined || !canBeSent(latest, context.clock.now())) break;
      endpoint = latest;
    }
    // In the same moment as that: a page that is planned from now on opens the lane anew.
    lanes.delete(first.id);
  }

  return {
    report,
    open(workspace, endpoint) {
      if (!canBeSent(endpoint, context.clock.now())) return;
      if (lanes.has(endpoint.id)) {
        looksAgain.add(endpoint.id);
        return;
      }
      const lane = run(workspace, endpoint).catch((error: unknown) => {
        lanes.delete(endpoint.id);
        if (isOutage(error)) return;
        context.logger.error('Messages of a webhook could not be sent.', {
          endpointId: endpoint.id,
          error: describeFault(error),
        });
      });
      lanes.set(endpoint.id, lane);
    },
    size: () => lanes.size,
    ended: () => Promise.all(lanes.values()),
  };
}

function canBeSent({ status, archivedAt, restingUntil }: StoredEndpoint, now: number): boolean {
  return (
    status === 'enabled' &&
    archivedAt === null &&
    (restingUntil === null || restingUntil.getTime() <= now)
  );
}

/** Lets so many do something at once; the others wait in the order in which they came. */
function createPlaces(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = count;
  const waiting: Array<() => void> = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
