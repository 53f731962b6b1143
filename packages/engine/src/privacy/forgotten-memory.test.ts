import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import type { Context } from '../context.ts';
import { orThrow } from '../kernel/result.ts';
import { parseLivePosition } from '../live/live-position.ts';

describe.each(testDatabaseSizes)('of who was forgotten, on %s', (size) => {
  let context: TestContext;
  beforeAll(async () => {
    context = await openTestContext(size);
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('nobody who listens and goes on from before is told of them', async () => {
    const people = await openNewPeople(context);
    const open = (after?: string) =>
      context.live.open({
        workspaceId: people.workspace.id,
        topics: new Set(['events']),
        after: after === undefined ? undefined : parseLivePosition(after),
      });
    const first = await open();
    await people.seeTogether(
      ['cat', 'ida', 'cat', 'ida'].map((who, at) => ({ who: `user:${who}`, at })),
    );
    expect(await first.next()).toMatchObject({ event: { type: 'identify' } });
    const inBetween = first.position();
    const cat = await people.hw.visitors.getByExternalId('cat');
    // This one has the rest of the reading in its hands, and the process has it too.
    const second = await open(inBetween);
    await second.next();
    orThrow(await people.hw.privacy.forget({ externalId: 'cat' }));
    const third = await open(inBetween);
    const told = [await third.next(), await third.next()];
    const { visitorId } = await people.see('user:eve', 9);
    told.push(await third.next());
    expect(third.start).toBe('resumed');
    expect(told.map((message) => message?.event.visitorId)).not.toContain(cat!.id);
    expect(told.at(-1)?.event.visitorId).toBe(visitorId);
    for (const reader of [first, second, third]) reader.close();
  });

  it('no process remembers by what they were recognised', async () => {
    const people = await openNewPeople(context);
    const other = context.another();
    const fresh = context.another();
    const processes = [context, other, fresh];
    // Each has its settings, and has read the news so far.
    for (const [index, { ingest, changeLog }] of processes.entries()) {
      await ingest.submit(people.incoming({ who: `device:of-process-${index}`, at: 1 }));
      await changeLog.poll();
    }
    for (const { ingest } of [context, other])
      for (const at of [2, 3]) await ingest.submit(people.incoming({ who: 'mail:guy', at }));
    orThrow(await people.hw.privacy.forget({ email: 'guy@people.test' }));
    await other.changeLog.poll();
    await new Promise((resolve) => setImmediate(resolve));

    const costs: number[] = [];
    for (const { ingest } of processes)
      costs.push(
        await countStatements(context, () =>
          ingest.submit(people.incoming({ who: 'mail:guy', at: 4 })),
        ),
      );
    // Two look-ups, as in a process that never met them.
    expect(costs).toEqual([2, 2, 2]);
  });
});

async function countStatements(context: Context, work: () => Promise<unknown>): Promise<number> {
  const { run, transact } = context.database;
  let statements = 0;
  Object.assign(context.database, {
    run: (...args: Parameters<typeof run>) => ((statements += 1), run(...args)),
    transact: (...args: Parameters<typeof transact>) => ((statements += 1), transact(...args)),
  });
  try {
    await work();
  } finally {
    Object.assign(context.database, { run, transact });
  }
  return statements;
}
