import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { day, hour, minute } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import { createLibrary } from '../library.ts';
import type { Library } from '../library.ts';
import type { TrackUsageInput } from './track-usage.ts';

const nowhere = '01900000-0000-7000-8000-000000000000';

describe.each(testDatabaseSizes)('usages of invitations on %s', (size) => {
  let context: TestContext;
  let hw: Library;
  beforeAll(async () => {
    context = await openTestContext(size);
    await context.workspaces.first();
    hw = createLibrary(context);
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const create = async (input: Parameters<typeof hw.invitations.create>[0] = {}) =>
    orThrow(await hw.invitations.create(input));
  const track = async (of: string | { readonly id: string }, input: TrackUsageInput) =>
    orThrow(await hw.invitations.track(of, input));

  describe('track', () => {
    it('echoes every field, by invitation and by token', async () => {
      const invitation = await create();
      expect(
        await track(invitation, {
          entity: ['user', '123'],
          action: 'registered',
          metadata: { plan: 'premium' },
        }),
      ).toEqual({
        id: expect.any(String),
        invitationId: invitation.id,
        entity: { type: 'user', id: '123' },
        action: 'registered',
        metadata: { plan: 'premium' },
        occurredAt: new Date(context.clock.now()),
      });
      expect(
        await track(invitation.token, { entity: ['company', 456], action: 'visited' }),
      ).toMatchObject({ entity: { type: 'company', id: '456' }, metadata: {} });
    });

    it('names what is wrong with the words of the document', async () => {
      const { token } = await create();
      const code = async (of: string | { id: string }, input: object) => {
        const answer = await hw.invitations.track(of, {
          entity: ['user', '1'],
          action: 'visited',
          ...input,
        });
        return answer.ok ? 'ok' : [answer.code, answer.message];
      };
      expect(await code('invalid_token', {})).toEqual(['invalid_token', expect.any(String)]);
      expect(await code({ id: nowhere }, {})).toEqual(['invitation_not_found', expect.any(String)]);
      expect(await code(token, { entity: ['unsupported_type', '1'] })).toEqual([
        'invalid_entity_type',
        'entity type must be one of: user, company, device',
      ]);
      expect(await code(token, { action: 'unsupported_action' })).toEqual([
        'invalid_action',
        'action must be one of: visited, registered, activated',
      ]);
      expect(await code(token, { entity: ['user', ''] })).toEqual([
        'validation_failed',
        'entity must have an id that is not empty',
      ]);
      expect(await code(token, { entity: undefined })).toEqual([
        'validation_failed',
        "entity.type can't be blank",
      ]);
      expect(await code(token, { metadata: 'x' })).toEqual([
        'validation_failed',
        'metadata must be an object',
      ]);
      expect(await code(token, { occurredAt: new Date(Number.NaN) })).toEqual([
        'validation_failed',
        expect.stringMatching(/^occurredAt /),
      ]);
      context.clock.moveBy(8 * day);
      expect(await code(token, {})).toEqual(['invitation_expired', expect.any(String)]);
    });

    it('names everything that is missing at once', async () => {
      expect(await hw.invitations.track(undefined as never, {} as never)).toMatchObject({
        code: 'validation_failed',
        errors: {
          invitation: ["can't be blank"],
          'entity.type': ["can't be blank"],
          'entity.id': ["can't be blank"],
          action: ["can't be blank"],
        },
      });
    });

    it('counts for an invitation in hand after its end too, as an activation does', async () => {
      const invitation = await create();
      context.clock.moveBy(8 * day);
      expect(
        await track(invitation, { entity: ['user', 'late'], action: 'activated' }),
      ).toMatchObject({ action: 'activated' });
    });

    it('goes by what the options allow, and by what the workspace does', async () => {
      const other = createLibrary(
        context.another({
          invitations: { entityTypes: ['robot'], actions: { booted: { repeatable: true } } },
        }),
      );
      const invitation = await create();
      const input = { entity: ['robot', 'r2'], action: 'booted' } as const;
      expect(await other.invitations.track(invitation, input)).toMatchObject({ ok: true });
      expect(await hw.invitations.track(invitation, input)).toMatchObject({
        code: 'invalid_entity_type',
      });
      orThrow(
        await hw.workspaces.update({ settings: { invitations: { entityTypes: ['robot'] } } }),
      );
      context.workspaces.forget();
      expect(await hw.invitations.track(invitation, { ...input, action: 'visited' })).toMatchObject(
        { ok: true },
      );
      orThrow(await hw.workspaces.update({ settings: { invitations: null } }));
      context.workspaces.forget();
    });

    it('counts once what counts once, as often as it happens what does not', async () => {
      const invitation = await create();
      const entity = ['user', 'once'] as const;
      for (let count = 0; count < 3; count += 1)
        await track(invitation, { entity, action: 'visited' });
      const first = await track(invitation, { entity, action: 'registered', metadata: { a: 1 } });
      expect(
        await hw.invitations.track(invitation, { entity, action: 'registered' }),
      ).toMatchObject({ ok: false, code: 'duplicate_usage', existing: first });
      await track(invitation, { entity, action: 'activated' });
      expect(orThrow(await hw.invitations.countUsages(invitation))).toBe(5);
    });

    it('records one of many that come at once', async () => {
      const invitation = await create();
      const answers = await Promise.all(
        Array.from({ length: 10 }, () =>
          hw.invitations.track(invitation, { entity: ['user', 'same'], action: 'registered' }),
        ),
      );
      expect(answers.filter((answer) => answer.ok)).toHaveLength(1);
      expect(orThrow(await hw.invitations.countUsages(invitation))).toBe(1);
    });
  });

  describe('what is asked of usages', () => {
    let id: string;
    beforeAll(async () => {
      ({ id } = await create());
      const see = async (
        type: string,
        entity: string,
        action: string,
        metadata: Record<string, unknown> = {},
      ) => {
        context.clock.moveBy(minute);
        await track({ id }, { entity: [type, entity], action, metadata });
      };
      await see('user', '1', 'visited', { referrer: 'google.com' });
      await see('user', '1', 'visited', { referrer: 'bing.com' });
      await see('company', '1', 'visited', { referrer: 'google.com' });
      await see('user', '2', 'visited');
      await see('user', '1', 'registered', { plan: 'premium', at: { city: 'Berlin' } });
      await see('user', '2', 'registered', { plan: 'free' });
      await see('user', '1', 'activated');
    });

    it('lists them newest first, filtered and page by page', async () => {
      const list = async (input: Parameters<typeof hw.invitations.usages>[1] = {}) =>
        orThrow(await hw.invitations.usages(id, input)).usages.map(
          ({ entity, action }) => `${entity.type} ${entity.id} ${action}`,
        );
      expect(await list()).toEqual([
        'user 1 activated',
        'user 2 registered',
        'user 1 registered',
        'user 2 visited',
        'company 1 visited',
        'user 1 visited',
        'user 1 visited',
      ]);
      expect(await list({ entityType: 'company' })).toEqual(['company 1 visited']);
      expect(await list({ action: 'registered' })).toEqual([
        'user 2 registered',
        'user 1 registered',
      ]);
      expect(await list({ entity: ['user', 1], action: 'visited' })).toHaveLength(2);
      expect(await list({ entityType: 'user', action: 'visited', limit: 2 })).toEqual([
        'user 2 visited',
        'user 1 visited',
      ]);
      expect(await list({ since: { minutes: 2 } })).toEqual([
        'user 1 activated',
        'user 2 registered',
      ]);
      const page = orThrow(await hw.invitations.usages(id, { limit: 5 }));
      const rest = orThrow(await hw.invitations.usages(id, { cursor: page.nextCursor }));
      expect([page.usages.length, rest.usages.length, rest.nextCursor]).toEqual([5, 2, undefined]);
      expect(await hw.invitations.usages(id, { limit: 0, since: {} })).toMatchObject({
        code: 'invalid_query',
        errors: { limit: [expect.any(String)], since: [expect.any(String)] },
      });
      expect(await hw.invitations.usages(nowhere)).toMatchObject({ code: 'invitation_not_found' });
    });

    it('tells a user and a company with one id apart', async () => {
      const group = async (input: Parameters<typeof hw.invitations.usagesByEntity>[1] = {}) =>
        orThrow(await hw.invitations.usagesByEntity(id, input));
      const { entities } = await group();
      expect(entities.map(({ entity, count }) => [entity.type, entity.id, count])).toEqual([
        ['user', '1', 4],
        ['user', '2', 2],
        ['company', '1', 1],
      ]);
      expect(entities[0]!.usages.map(({ action }) => action)).toEqual([
        'activated',
        'registered',
        'visited',
        'visited',
      ]);
      const registered = await group({ action: 'registered' });
      expect(registered.entities.map(({ entity, usages }) => [entity.id, usages.length])).toEqual([
        ['2', 1],
        ['1', 1],
      ]);
      const first = await group({ limit: 2 });
      const rest = await group({ limit: 2, cursor: first.nextCursor });
      expect(rest.entities.map(({ entity }) => entity.type)).toEqual(['company']);
      expect(rest.nextCursor).toBeUndefined();
    });

    it('says whether somebody was there', async () => {
      const was = (entity: readonly [string, string], action?: string) =>
        hw.invitations.wasUsedBy(id, entity, action);
      expect(await was(['company', '1'])).toBe(true);
      expect(await was(['company', '1'], 'visited')).toBe(true);
      expect(await was(['company', '1'], 'registered')).toBe(false);
      expect(await was(['company', '2'])).toBe(false);
      expect(await hw.invitations.wasUsedBy(nowhere, ['user', '1'])).toBe(false);
      expect(await hw.invitations.wasUsedBy('no id', ['user', ''])).toBe(false);
    });

    it('counts since a time', async () => {
      const count = async (input: Parameters<typeof hw.invitations.countUsages>[1]) =>
        orThrow(await hw.invitations.countUsages(id, input));
      expect(await count({ action: 'visited', since: { days: 7 } })).toBe(4);
      expect(await count({ since: new Date(context.clock.now()) })).toBe(0);
      expect(await count({})).toBe(7);
    });

    it('is a funnel by usages and by entities', async () => {
      const { steps } = orThrow(await hw.invitations.funnel(id));
      expect(steps).toEqual([
        { action: 'visited', count: 4, rateFromPrevious: 1, rateFromFirst: 1 },
        { action: 'registered', count: 2, rateFromPrevious: 0.5, rateFromFirst: 0.5 },
        { action: 'activated', count: 1, rateFromPrevious: 0.5, rateFromFirst: 0.25 },
      ]);
      const people = orThrow(
        await hw.invitations.funnel(id, {
          actions: ['visited', 'registered'],
          count: 'entities',
          entityType: 'user',
        }),
      );
      expect(people.steps.map(({ count }) => count)).toEqual([2, 2]);
      const nobody = orThrow(await hw.invitations.funnel((await create()).id));
      expect(nobody.steps.map(({ rateFromPrevious }) => rateFromPrevious)).toEqual([0, 0, 0]);
      expect(await hw.invitations.funnel(id, { actions: [] })).toMatchObject({
        code: 'invalid_query',
      });
    });

    it('is broken down by type, by action and by metadata', async () => {
      const by = async (input: Parameters<typeof hw.invitations.breakdown>[1]) =>
        orThrow(await hw.invitations.breakdown(id, input));
      expect(await by({ by: 'entityType' })).toEqual({ user: 6, company: 1 });
      expect(await by({ by: 'action' })).toEqual({ visited: 4, registered: 2, activated: 1 });
      expect(await by({ by: 'metadata.referrer', action: 'visited' })).toEqual({
        'google.com': 2,
        'bing.com': 1,
      });
      expect(await by({ by: 'metadata.plan' })).toEqual({ premium: 1, free: 1 });
      expect(await by({ by: 'metadata.at.city' })).toEqual({ Berlin: 1 });
      for (const wrong of ['plan', 'metadata.', 'metadata.a..b', ''])
        expect(await hw.invitations.breakdown(id, { by: wrong })).toMatchObject({
          code: 'invalid_query',
        });
    });
  });

  describe('in the visitor graph', () => {
    it('is a touch that earns the credit of the registration', async () => {
      const invitation = await create({ name: 'Team Berlin' });
      const entity = ['user', 'graph-1'] as const;
      const anonymousId = 'graph-cookie-1';
      await hw.visitors.resolve({ anonymousId });
      await track(invitation.token, { entity, action: 'visited', anonymousId });
      context.clock.moveBy(hour);
      await track(invitation, { entity, action: 'registered', metadata: { plan: 'pro' } });

      const visitor = await hw.visitors.getByExternalId('graph-1');
      const { path } = orThrow(await hw.visitors.attribution(visitor!.id));
      expect(path).toMatchObject([
        {
          kind: 'invitation',
          source: 'invitation',
          campaign: 'Team Berlin',
          content: invitation.id,
          channel: 'Invitations',
        },
      ]);
      const { events } = orThrow(await hw.visitors.timeline(visitor!.id));
      expect(events.map(({ type, name }) => `${type} ${name}`)).toEqual([
        'registration registered',
        'invitation visited',
        'identify undefined',
      ]);
      const [conversion] = await context.database.db
        .selectFrom('conversion')
        .select(['type', 'touch_id'])
        .where('touch_id', '=', path[0]!.id)
        .execute();
      expect(conversion).toEqual({ type: 'registration', touch_id: path[0]!.id });
    });

    it('is one touch for one arrival, whatever else happens in its visit', async () => {
      const invitation = await create();
      const entity = ['user', 'graph-2'] as const;
      await track(invitation, { entity, action: 'visited' });
      context.clock.moveBy(minute);
      orThrow(await hw.invitations.redeem(invitation, { entity, action: 'registered' }));
      const visitor = await hw.visitors.getByExternalId('graph-2');
      const { path } = orThrow(await hw.visitors.attribution(visitor!.id));
      expect(path.map(({ kind }) => kind)).toEqual(['invitation']);
      const { events } = orThrow(await hw.visitors.timeline(visitor!.id));
      expect(events.map(({ type }) => type).sort()).toEqual([
        'invitation',
        'redemption',
        'registration',
      ]);
    });

    it('makes the one who comes by a cookie and the one who signs up one person', async () => {
      const invitation = await create();
      const { visitor } = orThrow(await hw.visitors.resolve({ anonymousId: 'graph-cookie-3' }));
      await track(invitation, {
        entity: ['visitor', visitor!.id],
        action: 'visited',
      });
      orThrow(
        await hw.invitations.redeem(invitation, {
          entity: ['user', 'graph-3'],
          anonymousId: 'graph-cookie-3',
        }),
      );
      const person = await hw.visitors.getByExternalId('graph-3');
      expect((await hw.visitors.get(visitor!.id))?.id).toBe(person!.id);
      expect(
        await hw.invitations.track(invitation, {
          entity: ['visitor', nowhere],
          action: 'visited',
        }),
      ).toMatchObject({ code: 'visitor_not_found' });
    });

    it('has no event of a company, which is no person', async () => {
      const before = await context.database.db.selectFrom('event').select('id').execute();
      await track(await create(), { entity: ['company', 'c'], action: 'visited' });
      const after = await context.database.db.selectFrom('event').select('id').execute();
      expect(after.length).toBe(before.length);
    });

    it('is written with its event or not at all, and waits in the inbox for what is away', async () => {
      const invitation = await create();
      const broken = createLibrary({
        ...context,
        ingest: {
          ...context.ingest,
          submit: () => Promise.reject(Object.assign(new Error('away'), { code: 'ECONNREFUSED' })),
        },
      });
      const entity = ['user', 'graph-4'] as const;
      orThrow(await broken.invitations.track(invitation, { entity, action: 'visited' }));
      expect(await hw.visitors.getByExternalId('graph-4')).toBeUndefined();
      await hw.events.flush();
      expect((await hw.visitors.getByExternalId('graph-4'))?.events).toBe(1);
      const left = await context.database.db.selectFrom('inbox').select('id').execute();
      expect(left).toEqual([]);
    });

    it('writes nothing of somebody who was forgotten', async () => {
      const invitation = await create();
      const entity = ['user', 'graph-5'] as const;
      await track(invitation, { entity, action: 'visited' });
      orThrow(await hw.privacy.forget({ externalId: 'graph-5' }));
      for (const answer of [
        await hw.invitations.track(invitation, { entity, action: 'visited' }),
        await hw.invitations.redeem(invitation, { entity }),
      ])
        expect(answer).toMatchObject({ ok: false, code: 'visitor_erased' });
      const [usage] = orThrow(await hw.invitations.usages(invitation)).usages;
      expect(usage).toMatchObject({ entity: { type: 'user', id: undefined }, metadata: {} });
    });
  });
});
