import { describe, expect, it } from 'vitest';

import type { Workspace } from '../workspaces/workspace.ts';
import type { IncomingEvent } from './event.ts';
import { createGroupCommit } from './group-commit.ts';

function eventOf(id: string): IncomingEvent {
  return {
    workspaceId: 'one',
    id,
    key: id,
    digest: '0',
    type: 'pageview',
    occurredAt: 0,
    origin: 'library',
    identifiers: [],
    createsVisitor: true,
  };
}

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

/** The queue before a database that takes a turn of the event loop for each batch, and what it got together. */
function openQueue(batchesInFlight: number) {
  const batches: string[][] = [];
  let underWay = 0;
  let most = 0;
  const ingest = createGroupCommit({
    async write(_workspace, events) {
      batches.push(events.map(({ id }) => id));
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setTimeout(resolve, 1));
      underWay -= 1;
      return events.map(({ id }) => ({
        outcome: 'accepted',
        eventId: id,
        identity: { outcome: 'none' },
      }));
    },
    partitions: { ensure: () => Promise.resolve(), forget: () => undefined },
    workspaces: { get: () => Promise.resolve({ id: 'one' } as Workspace) } as never,
    logger: console,
    batchesInFlight,
    queueSize: 10_000,
    patienceMilliseconds: 10_000,
    durability: 'commit',
    pause: () => Promise.resolve(),
  });
  const submit = (ids: readonly string[], background = false): Promise<unknown> =>
    Promise.all(ids.map((id) => ingest.submit(eventOf(id), { background })));
  return { submit, batches, most: () => most };
}

describe.each([1, 2])('a queue with %i batches in flight', (batchesInFlight) => {
  it('never puts what was set aside into a batch of live events, which its repeats would break', async () => {
    const { submit, batches } = openQueue(batchesInFlight);
    await Promise.all([submit(names('old', 700), true), submit(names('new', 60))]);
    const kinds = batches.map((ids) => [...new Set(ids.map((id) => id.slice(0, 3)))]);
    expect(kinds.every((kind) => kind.length === 1)).toBe(true);
    expect(batches.flat().toSorted()).toEqual(
      [...names('old', 700), ...names('new', 60)].toSorted(),
    );
  });

  it('lets live events go first, and what was set aside in turn with them however many come', async () => {
    const { submit, batches } = openQueue(batchesInFlight);
    const old = submit(names('old', 300), true);
    await Promise.all(
      names('client', 20).map(async (client) => {
        for (let turn = 0; turn < 20; turn += 1) await submit([`${client}-${turn}`]);
      }),
    );
    const sources = batches.map(([first]) => first?.slice(0, 3));
    expect(sources[0]).toBe('cli');
    expect(sources.lastIndexOf('old')).toBeLessThan(sources.lastIndexOf('cli'));
    await old;
  });
});

it('keeps a place for live events beside a long batch of what was set aside', async () => {
  const { submit, batches, most } = openQueue(2);
  const old = submit(names('old', 2_000), true);
  await submit(names('new', 1));
  expect(batches.length).toBeLessThanOrEqual(3);
  await old;
  expect(most()).toBe(2);
});
