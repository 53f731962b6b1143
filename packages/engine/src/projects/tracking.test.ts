import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { createLibrary } from '../library.ts';
import type { Library } from '../library.ts';
import { orThrow } from '../kernel/result.ts';
import type { TrackedInput } from './track-for-project.ts';
import type { TrackedAction } from './project.ts';

const hour = 3_600_000;

describe.each(testDatabaseSizes)('a project on %s', (size) => {
  let context: TestContext;
  let hw: Library;
  let start: number;
  let number = 0;
  beforeAll(async () => {
    context = await openTestContext(size);
    hw = createLibrary(context);
    start = context.clock.now() - 48 * hour;
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  async function openProject(more: object = {}): Promise<string> {
    const slug = `startup-${(number += 1)}`;
    orThrow(await hw.projects.create({ slug, ...more }));
    return slug;
  }

  const track = async (slug: string, input: Partial<TrackedInput>) =>
    hw.projects.track(slug, {
      eventType: 'user_converted',
      userId: 'usr_1',
      eventId: crypto.randomUUID(),
      ...input,
    });

  async function countOf(slug: string, eventType = 'user_converted') {
    const project = await hw.projects.get(slug);
    const { count, added, removed, unmatched } = project!.counts.find(
      (each) => each.eventType === eventType,
    )!;
    return { count, added, removed, unmatched };
  }

  it('counts who is added and who is removed again', async () => {
    const slug = await openProject();
    orThrow(await track(slug, { userId: 'a' }));
    orThrow(await track(slug, { userId: 'b' }));
    orThrow(await track(slug, { userId: 'a', action: 'remove' }));
    orThrow(await track(slug, { userId: 'c', eventType: 'user_registered' }));
    expect(await countOf(slug)).toEqual({ count: 1, added: 2, removed: 1, unmatched: 0 });
    expect(await countOf(slug, 'user_registered')).toMatchObject({ count: 1 });
  });

  it('never counts below zero: a removal that finds nothing waits for what was earlier', async () => {
    const slug = await openProject();
    const at = (hours: number): Pick<TrackedInput, 'occurredAt'> => ({
      occurredAt: new Date(start + hours * hour),
    });
    orThrow(await track(slug, { ...at(2), action: 'remove' }));
    orThrow(await track(slug, { ...at(3), action: 'remove' }));
    expect(await countOf(slug)).toEqual({ count: 0, added: 0, removed: 0, unmatched: 2 });
    orThrow(await track(slug, at(4)));
    expect(await countOf(slug)).toEqual({ count: 1, added: 1, removed: 0, unmatched: 2 });
    orThrow(await track(slug, at(1)));
    expect(await countOf(slug)).toEqual({ count: 1, added: 2, removed: 1, unmatched: 1 });
  });

  it('counts an event id once for each project, type and action', async () => {
    const [slug, other] = [await openProject(), await openProject()];
    const event = { userId: 'once', eventId: 'order-1', occurredAt: new Date(start) };
    expect(orThrow(await track(slug, event))).toEqual({ eventId: 'order-1', duplicate: false });
    expect(orThrow(await track(slug, event))).toEqual({ eventId: 'order-1', duplicate: true });
    for (const [project, more] of [
      [slug, { eventType: 'user_registered' }],
      [slug, { action: 'remove' as const }],
      [other, {}],
    ] as const)
      expect(orThrow(await track(project, { ...event, ...more }))).toMatchObject({
        duplicate: false,
      });
    expect(await track(slug, { ...event, userId: 'another' })).toMatchObject({
      code: 'event_id_conflict',
    });
    expect(await countOf(slug)).toEqual({ count: 0, added: 1, removed: 1, unmatched: 0 });
  });

  it('counts the same whatever the order and however many come at once, and again from its events', async () => {
    const step = fc.record({
      userId: fc.constantFrom('x', 'y'),
      action: fc.constantFrom<TrackedAction>('add', 'remove'),
      hours: fc.integer({ min: 0, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 8, maxLength: 8 }),
        async (steps, sizes) => {
          const slug = await openProject();
          const inputs = steps.map(({ hours, ...rest }) => ({
            ...rest,
            occurredAt: new Date(start + hours * hour),
          }));
          const waiting = [...inputs];
          for (const many of sizes)
            await Promise.all(
              waiting.splice(0, many).map(async (input) => orThrow(await track(slug, input))),
            );
          const counted = await countOf(slug);
          expect(counted.count).toBe(walk(steps));
          expect(counted.count).toBe(counted.added - counted.removed);
        },
      ),
      { numRuns: size === 'pglite' ? 25 : 10 },
    );
    expect((await hw.rebuild()).changed.projects).toBe(0);
  }, 60_000);

  it('has its counters made again by a rebuild', async () => {
    const slug = await openProject();
    orThrow(await track(slug, { userId: 'r1' }));
    orThrow(await track(slug, { userId: 'r2' }));
    orThrow(await track(slug, { userId: 'r2', action: 'remove' }));
    orThrow(await track(slug, { userId: 'r3', action: 'remove' }));
    const right = await countOf(slug);
    await context.database.db
      .updateTable('project_counter')
      .set({ added: 7n, removed: 0n, unmatched: 3n })
      .where('workspace_id', '=', (await hw.workspaces.first()).id)
      .execute();
    expect((await hw.rebuild()).changed.projects).toBeGreaterThan(0);
    expect(await countOf(slug)).toEqual(right);
    expect((await hw.rebuild()).changed.projects).toBe(0);
  });

  it('has types of its own, and gives a visitor to users of other projects too, unless they have a prefix', async () => {
    const slug = await openProject({ eventTypes: { trial_started: 'lead', seat_added: 'custom' } });
    const apart = await openProject({ externalIdPrefix: 'apart:' });
    for (const eventType of ['trial_started', 'seat_added'])
      orThrow(await track(slug, { eventType, userId: '7' }));
    orThrow(await track(slug, { eventType: 'seat_added', userId: '7', action: 'remove' }));
    orThrow(await track(apart, { userId: '7' }));
    expect(await countOf(slug, 'trial_started')).toMatchObject({ count: 1 });
    expect(await countOf(slug, 'seat_added')).toMatchObject({ count: 0, removed: 1 });
    const [shared, own] = [
      await hw.visitors.getByExternalId('7'),
      await hw.visitors.getByExternalId('apart:7'),
    ];
    expect(shared).toMatchObject({ status: 'lead' });
    expect(own).toMatchObject({ status: 'customer' });
    expect(await track(slug, { eventType: 'unknown' })).toMatchObject({
      errors: {
        eventType: ['must be user_registered, user_converted, seat_added or trial_started'],
      },
    });
  });

  it('earns credit for what led to a conversion, and takes it back with it and with nothing else', async () => {
    const slug = await openProject();
    const domain = `go-${number}.test`;
    orThrow(await hw.workspaces.claimDomain({ host: domain }));
    const link = orThrow(
      await hw.links.create({ domain, key: 'spring', url: 'https://shop.test/' }),
    );
    const userId = `credited-${number}`;
    await context.ingest.submit({
      workspaceId: (await hw.workspaces.first()).id,
      id: context.createId(start),
      key: crypto.randomUUID(),
      digest: '0'.repeat(16),
      type: 'link_click',
      occurredAt: start,
      origin: 'redirect',
      identifiers: [{ kind: 'external_id', value: userId }],
      createsVisitor: true,
      linkId: link.id,
      arrival: { source: { kind: 'campaign', source: 'news', medium: 'email' } as never },
    });
    orThrow(
      await hw.events.sale({
        externalId: userId,
        amountMinor: 100n,
        occurredAt: new Date(start + hour),
      }),
    );
    orThrow(await track(slug, { userId, occurredAt: new Date(start + 2 * hour) }));
    expect(orThrow(await hw.links.stats(link.id))).toMatchObject({ sales: 2 });
    orThrow(await track(slug, { userId, action: 'remove' }));
    expect(orThrow(await hw.links.stats(link.id))).toMatchObject({ sales: 1 });
    orThrow(await track(slug, { userId, action: 'remove' }));
    expect(orThrow(await hw.links.stats(link.id))).toMatchObject({ sales: 1 });
    const { changed } = await hw.rebuild();
    expect(changed).toMatchObject({ conversions: 0, links: 0 });
  });

  it('is told in a transaction of the host, and counts after its commit', async () => {
    const slug = await openProject();
    await context.database.db.transaction().execute(async (tx) => {
      const tracked = await hw.projects.track(
        slug,
        { eventType: 'user_registered', userId: 'inside', eventId: 'e1' },
        { tx },
      );
      expect(tracked).toMatchObject({ ok: true });
    });
    expect(await countOf(slug, 'user_registered')).toMatchObject({ count: 0 });
    await hw.events.flush();
    expect(await countOf(slug, 'user_registered')).toMatchObject({ count: 1 });
  });

  it('keeps its numbers and nothing of somebody who is forgotten', async () => {
    const slug = await openProject();
    for (let times = 0; times < 2; times += 1) orThrow(await track(slug, { userId: 'gone' }));
    orThrow(await track(slug, { userId: 'gone', action: 'remove' }));
    orThrow(await track(slug, { userId: 'stays' }));
    const before = await countOf(slug);
    const known = orThrow(await hw.privacy.export({ externalId: 'gone' }));
    expect(known.tables.tracked_event).toHaveLength(3);
    orThrow(await hw.privacy.forget({ externalId: 'gone' }));
    expect((await hw.rebuild()).changed.projects).toBe(0);
    expect(await countOf(slug)).toEqual(before);
    const rows = await context.database.db
      .selectFrom('tracked_event')
      .select(['scope', 'event_id', 'step'])
      .where('workspace_id', '=', (await hw.workspaces.first()).id)
      .where('visitor_id', 'is', null)
      .execute();
    expect(rows.reduce((sum, row) => sum + row.step, 0)).toBe(1);
    expect(rows).toHaveLength(3);
    expect(new Set(rows.map((row) => row.scope)).size).toBe(1);
    const told = JSON.stringify(known);
    for (const { scope, event_id: id } of rows)
      expect([told.includes(scope), told.includes(id)]).toEqual([false, false]);
    expect(await track(slug, { userId: 'gone' })).toMatchObject({
      code: 'validation_failed',
      errors: { userId: ['is of somebody who was erased'] },
    });
  });

  it('is archived with its numbers, and frees its slug', async () => {
    const slug = await openProject();
    orThrow(await track(slug, {}));
    expect(await hw.projects.create({ slug })).toMatchObject({ code: 'project_slug_taken' });
    orThrow(await hw.projects.archive(slug));
    expect(await track(slug, {})).toMatchObject({ code: 'project_not_found' });
    expect(await hw.projects.archive(slug)).toMatchObject({ code: 'project_not_found' });
    const archived = orThrow(await hw.projects.list({ archived: 'only' })).projects;
    expect(archived.find((project) => project.slug === slug)?.counts).toContainEqual(
      expect.objectContaining({ eventType: 'user_converted', count: 1 }),
    );
    orThrow(await hw.projects.create({ slug }));
    expect(await countOf(slug)).toMatchObject({ count: 0 });
  });

  it('says what is wrong with what it is given', async () => {
    expect(
      await hw.projects.create({
        slug: 'No Slug',
        name: ' ',
        eventTypes: { user_registered: 'sale' },
        externalIdPrefix: 'x'.repeat(65),
      }),
    ).toMatchObject({
      code: 'validation_failed',
      errors: {
        slug: [expect.any(String)],
        name: [expect.any(String)],
        eventTypes: ['must not name user_registered, which every project has'],
        externalIdPrefix: ['must have at most 64 characters'],
      },
    });
    const slug = await openProject();
    expect(
      await track(slug, {
        userId: 'undefined',
        eventId: ' ',
        occurredAt: new Date(context.clock.now() + 11 * 60_000),
        action: 'take' as 'add',
      }),
    ).toMatchObject({
      errors: {
        userId: ['must be the id of a user'],
        eventId: ['must have 1 to 255 characters'],
        occurredAt: ['must not be more than 10 minutes in the future'],
        action: ['must be add or remove'],
      },
    });
  });
});

/** How many stand at the end, each removal taking the latest that is there. */
function walk(
  steps: ReadonlyArray<{ userId: string; action: TrackedAction; hours: number }>,
): number {
  const standing = new Map<string, number>();
  const inOrder = steps.toSorted(
    (a, b) => a.hours - b.hours || (a.action === b.action ? 0 : a.action === 'add' ? -1 : 1),
  );
  for (const { userId, action } of inOrder) {
    const before = standing.get(userId) ?? 0;
    standing.set(userId, action === 'add' ? before + 1 : Math.max(0, before - 1));
  }
  return [...standing.values()].reduce((sum, count) => sum + count, 0);
}
