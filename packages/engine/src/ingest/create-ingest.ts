import { setTimeout as pause } from 'node:timers/promises';

import { createConversionStore } from '../attribution/conversion-store.ts';
import { createCrediting } from '../attribution/credit-store.ts';
import { createTouchStore } from '../attribution/touch-store.ts';
import type { Context } from '../context.ts';
import { toMilliseconds } from '../kernel/clock.ts';
import { createLinkCounterStore } from '../links/link-counter-store.ts';
import { minimiseEvents } from '../privacy/minimise-event.ts';
import { createSessionStore } from '../sessions/session-store.ts';
import { createIdentityStore } from '../visitors/identity-store.ts';
import { createVisitorStore } from '../visitors/visitor-store.ts';
import { createClaims } from './claims.ts';
import { commitBatch } from './commit-batch.ts';
import type { BatchDependencies } from './commit-batch.ts';
import { createEventStore } from './event-store.ts';
import type { Ingest } from './event.ts';
import { createGroupCommit } from './group-commit.ts';
import { createPartitions } from './partition-store.ts';
import { createRecognitionMemory } from './recognition-memory.ts';
import type { Announce } from './recorded-event.ts';

/** Puts the pipeline together: queue, recognition, batch. */
export function createIngest(
  context: Pick<Context, 'options' | 'database' | 'clock' | 'createId' | 'logger' | 'workspaces'>,
  announce: Announce,
): Ingest {
  const { database, clock, options } = context;
  const { schema } = database;
  const dependencies: BatchDependencies = {
    database,
    clock,
    createId: () => context.createId(clock.now()),
    pause: wait,
    announce,
    memory: createRecognitionMemory(),
    identities: createIdentityStore(schema),
    visitors: createVisitorStore(schema),
    touches: createTouchStore(schema),
    claims: createClaims(schema),
    events: createEventStore(schema),
    sessions: createSessionStore(schema),
    conversions: createConversionStore(schema),
    linkCounters: createLinkCounterStore(schema),
    creditPeople: createCrediting(schema),
  };
  return createGroupCommit({
    write: (workspace, events) =>
      commitBatch(dependencies, workspace, minimiseEvents(workspace.settings, events)),
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

function wait(milliseconds: number): Promise<void> {
  return pause(milliseconds, undefined, { ref: false });
}
