import { setTimeout as pause } from 'node:timers/promises';

import { createConversionStore } from '../attribution/conversion-store.ts';
import { createCrediting } from '../attribution/credit-store.ts';
import { createTouchStore } from '../attribution/touch-store.ts';
import { createTouchPartnerStore } from '../partners/touch-partner-store.ts';
import { createDispatchPlanStore } from '../connectors/dispatch-plan-store.ts';
import type { Context } from '../context.ts';
import { toMilliseconds } from '../kernel/clock.ts';
import { createLinkCounterStore } from '../links/link-counter-store.ts';
import { minimiseEvents } from '../privacy/minimise-event.ts';
import type { ChangeLog } from '../store/change-log.ts';
import type { SpanStart } from '../telemetry/telemetry.ts';
import { createTrackedEventStore } from '../projects/tracked-event-store.ts';
import { createSessionStore } from '../sessions/session-store.ts';
import { createIdentityStore } from '../visitors/identity-store.ts';
import { createVisitorStore } from '../visitors/visitor-store.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { createClaims } from './claims.ts';
import { commitBatch } from './commit-batch.ts';
import type { BatchDependencies } from './commit-batch.ts';
import { createEventStore } from './event-store.ts';
import type { IncomingEvent, Ingest } from './event.ts';
import { createGroupCommit } from './group-commit.ts';
import { createPartitions } from './partition-store.ts';
import { createRecognitionMemory } from './recognition-memory.ts';
import type { RecognitionMemory } from './recognition-memory.ts';
import type { Announce } from './recorded-event.ts';

/** Puts the pipeline together: queue, recognition, batch. */
export function createIngest(
  context: Pick<
    Context,
    | 'options'
    | 'database'
    | 'clock'
    | 'createId'
    | 'logger'
    | 'telemetry'
    | 'workspaces'
    | 'changeLog'
  >,
  announce: Announce,
): Ingest {
  const { database, clock, options } = context;
  const { schema } = database;
  const memory = createRecognitionMemory();
  forgetErased(context.changeLog, memory);
  const dependencies: BatchDependencies = {
    database,
    clock,
    createId: () => context.createId(clock.now()),
    pause: wait,
    announce,
    memory,
    identities: createIdentityStore(schema),
    visitors: createVisitorStore(schema),
    touches: createTouchStore(schema),
    touchPartners: createTouchPartnerStore(schema),
    claims: createClaims(schema),
    events: createEventStore(schema),
    sessions: createSessionStore(schema),
    trackedEvents: createTrackedEventStore(schema),
    conversions: createConversionStore(schema),
    linkCounters: createLinkCounterStore(schema),
    creditPeople: createCrediting(schema),
    dispatches: createDispatchPlanStore(schema),
    connectorsOf: (workspace) => context.workspaces.connectors(workspace),
  };
  return createGroupCommit({
    write: (workspace, events, source) =>
      context.telemetry.within('ingest batch', batchSpan(workspace, events), () =>
        commitBatch(
          dependencies,
          workspace,
          minimiseEvents(workspace.settings, events, clock.now()),
          { mayBeKnown: source === 'background' },
        ),
      ),
    partitions: createPartitions(database, { create: options.createPartitions ?? true }),
    workspaces: context.workspaces,
    logger: context.logger,
    batchesInFlight: database.batchesInFlight,
    queueSize: options.queueSize ?? 50_000,
    patienceMilliseconds: toMilliseconds(options.patience ?? { seconds: 10 }),
    durability: options.durability ?? 'commit',
    pause: wait,
  });
}

function batchSpan({ id }: Workspace, events: readonly IncomingEvent[]): SpanStart {
  const attributes = { 'headwater.workspace_id': id, 'headwater.events': events.length };
  return { isRoot: true, attributes };
}

/** Batches find erased visitors by themselves; this is so that nobody's email stays in the memory of a process. */
function forgetErased(changeLog: Pick<ChangeLog, 'subscribe'>, memory: RecognitionMemory): void {
  let erased = new Set<string>();
  changeLog.subscribe('erasure', (news) => {
    if (news === 'everything') {
      memory.clear();
      return;
    }
    // It is one look through the memory for all that are told of at once.
    if (erased.size === 0)
      setImmediate(() => {
        memory.forgetVisitors(erased);
        erased = new Set();
      });
    for (const id of news.subject['visitorIds'] as readonly string[]) erased.add(id);
  });
}

function wait(milliseconds: number): Promise<void> {
  return pause(milliseconds, undefined, { ref: false });
}
