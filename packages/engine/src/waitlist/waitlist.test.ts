import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { dumpTables } from '../../../../test/support/rows.ts';
import { day, minute } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import { createLibrary } from '../library.ts';
import type { Library } from '../library.ts';
import { createWorkspace } from '../workspaces/create-workspace.ts';
import type { WaitlistEntry } from './waitlist-entry.ts';

const nowhere = '01900000-0000-7000-8000-000000000000';

describe.each(testDatabaseSizes)('the waitlist on %s', (size) => {
  let context: TestContext;
  let hw: Library;
  let lists = 0;
  beforeAll(async () => {
    context = await openTestContext(size, { links: { domains: ['go.test'] } });
    hw = createLibrary(context);
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  /** A list of its own. */
  async function open(placesPerReferral?: number) {
    const workspace = orThrow(
      await createWorkspace(context, {
        name: `List ${(lists += 1)} of ${size}`,
        settings: { waitlist: { placesPerReferral } },
      }),
    );
    const there = { workspaceId: workspace.id };
    const join = async (name: string, referredBy?: string) =>
      orThrow(await hw.waitlist.join({ email: `${name}@people.test`, referredBy }, there));
    const names = async (input: Parameters<typeof hw.waitlist.list>[0] = {}) =>
      nameAll(orThrow(await hw.waitlist.list(input, there)).entries);
    const position = async (name: string) =>
      orThrow(await hw.waitlist.position({ email: `${name}@people.test` }, there)).position;
    return { there, join, names, position };
  }
  const nameAll = (entries: readonly WaitlistEntry[]) =>
    entries.map(({ email }) => email?.split('@')[0]);

  describe('join', () => {
    it('puts an address at the end, once', async () => {
      const { there, join, names } = await open();
      expect(await join('ann')).toMatchObject({
        position: 1,
        waiting: 1,
        repeated: false,
        entry: { email: 'ann@people.test', status: 'waiting', referrals: 0, referredById: null },
      });
      expect((await join('bob')).position).toBe(2);
      const again = orThrow(await hw.waitlist.join({ email: ' ANN@people.test' }, there));
      expect(again).toMatchObject({ position: 1, waiting: 2, repeated: true });
      expect(again.entry.code).toMatch(/^[A-Z2-9]{8}$/);
      expect(await names()).toEqual(['ann', 'bob']);
    });

    it('gives everybody a place of their own, however many come at once', async () => {
      const { join } = await open();
      const joined = await Promise.all(
        Array.from({ length: 12 }, (_, index) => join(`same${index % 6}`)),
      );
      expect(joined.filter(({ repeated }) => !repeated)).toHaveLength(6);
      const { there } = await open();
      expect(orThrow(await hw.waitlist.list({}, there)).entries).toEqual([]);
    });

    it('keeps no address readable in any table', async () => {
      const { join } = await open();
      await join('waitlist-needle');
      expect(JSON.stringify(await dumpTables(context))).not.toContain('waitlist-needle');
    });

    it('is on the timeline of who joins, and knows them by their cookie', async () => {
      const { there } = await open();
      const anonymousId = `waiting-${size}`;
      const { visitor } = orThrow(await hw.visitors.resolve({ anonymousId }, there));
      orThrow(await hw.waitlist.join({ email: 'seen@people.test', anonymousId }, there));
      const { events } = orThrow(await hw.visitors.timeline(visitor!.id, {}, there));
      expect(events.map(({ name }) => name)).toContain('waitlist_joined');
    });

    it.each([
      [{ email: 'nobody' }, 'email'],
      [{ email: undefined }, 'email'],
      [{ email: 'a@b.test', name: ' ' }, 'name'],
      [{ email: 'a@b.test', metadata: ['a'] }, 'metadata'],
    ])('refuses %j by its field', async (input, field) => {
      const { there } = await open();
      expect(await hw.waitlist.join(input as never, there)).toMatchObject({
        code: 'validation_failed',
        errors: { [field]: [expect.any(String)] },
      });
    });

    it('counts who joins and who asks by their network', async () => {
      const { there } = await open();
      const address = '203.0.113.200';
      let limited = 0;
      for (let count = 0; count < 61; count += 1) {
        const asked = await hw.waitlist.position({ id: nowhere, address }, there);
        if (!asked.ok && asked.code === 'rate_limited') limited += 1;
      }
      expect(limited).toBe(1);
      expect(await hw.waitlist.join({ email: 'l@people.test', address }, there)).toMatchObject({
        code: 'rate_limited',
      });
      context.clock.moveBy(minute);
    });
  });

  describe('moving up', () => {
    it('is ten places for each that was referred', async () => {
      const { join, names, position } = await open();
      for (let index = 1; index <= 25; index += 1) await join(`p${index}`);
      const { entry } = await join('p25');
      expect((await join('friend1', entry.code.toLowerCase())).entry.referredById).toBe(entry.id);
      expect(await position('p25')).toBe(15);
      await join('friend2', entry.code);
      expect(await position('p25')).toBe(5);
      await join('friend3', entry.code);
      expect(await position('p25')).toBe(1);
      expect((await names({ limit: 3 })).slice(0, 3)).toEqual(['p25', 'p1', 'p2']);
    });

    it('is as many places as the workspace says, and none for joining again or for a foreign code', async () => {
      const { join, position } = await open(1);
      await join('first');
      const { entry } = await join('second');
      for (const code of ['producthunt', entry.code.slice(1), '\0', 'x'.repeat(300)])
        await join(`foreign${code.length}`, code);
      expect(await position('second')).toBe(2);
      await join('friend', entry.code);
      expect(await position('second')).toBe(1);
      await join('friend', entry.code);
      await join('first', entry.code);
      const { referrals } = (await join('second')).entry;
      expect(referrals).toBe(1);
    });

    it('counts once for who leaves and comes back, who comes back to the end', async () => {
      const { there, join, position } = await open();
      const { entry } = await join('host');
      await join('guest', entry.code);
      await join('other');
      const left = orThrow(await hw.waitlist.leave({ email: 'guest@people.test' }, there));
      expect(left).toMatchObject({ email: undefined, name: null, metadata: {}, status: 'left' });
      expect(orThrow(await hw.waitlist.leave({ id: left.id }, there))).toEqual(left);
      expect(await position('guest')).toBeUndefined();
      expect(await join('guest', entry.code)).toMatchObject({ position: 3, repeated: false });
      expect((await join('host')).entry.referrals).toBe(1);
    });
  });

  describe('position', () => {
    it('is found by id, address and code', async () => {
      const { there, join } = await open();
      const { entry } = await join('found');
      for (const reference of [
        { id: entry.id },
        { email: 'FOUND@people.test' },
        { code: entry.code.toLowerCase() },
      ])
        expect(orThrow(await hw.waitlist.position(reference, there))).toMatchObject({
          position: 1,
          waiting: 1,
          entry: { id: entry.id },
        });
      for (const reference of [{ id: nowhere }, { id: 'x' }, { email: 'x' }, { code: '' }])
        expect(await hw.waitlist.position(reference, there)).toMatchObject({
          code: 'waitlist_entry_not_found',
        });
      const elsewhere = await open();
      expect(await hw.waitlist.position({ id: entry.id }, elsewhere.there)).toMatchObject({
        code: 'waitlist_entry_not_found',
      });
    });
  });

  describe('invite', () => {
    it('sends the next ones an invitation that only they can redeem', async () => {
      const { there, join, names } = await open();
      for (const name of ['one', 'two', 'three']) await join(name);
      const invitation = { attributes: { plan: 'beta' }, expiresIn: { days: 3 } };
      const invited = orThrow(await hw.waitlist.invite({ count: 2, invitation }, there));
      expect(invited.map(({ entry }) => [entry.email, entry.status])).toEqual([
        ['one@people.test', 'invited'],
        ['two@people.test', 'invited'],
      ]);
      const [first] = invited;
      expect(first!.invitation).toMatchObject({
        emails: ['one@people.test'],
        usesMax: 1,
        attributes: { plan: 'beta' },
        expiresAt: new Date(context.clock.now() + 3 * day),
      });
      expect(first!.entry.invitationId).toBe(first!.invitation.id);
      const redeem = (email: string) =>
        hw.invitations.redeem(first!.invitation.token, { entity: ['user', email], email }, there);
      expect(await redeem('two@people.test')).toMatchObject({ code: 'email_mismatch' });
      expect(await redeem('one@people.test')).toMatchObject({ ok: true });
      expect(await names({ status: 'waiting' })).toEqual(['three']);
      expect((await join('one')).position).toBeUndefined();
      expect((await join('three')).position).toBe(1);
    });

    it('invites whom it names, whatever their place, and leaves out who does not wait', async () => {
      const { there, join, names } = await open();
      const ids = [];
      for (const name of ['a', 'b', 'c']) ids.push((await join(name)).entry.id);
      orThrow(await hw.waitlist.leave({ id: ids[0]! }, there));
      const link = { domain: 'go.test', url: 'https://app.test/join' };
      const invited = orThrow(
        await hw.waitlist.invite({ ids: [ids[0]!, ids[2]!], invitation: { link } }, there),
      );
      expect(nameAll(invited.map(({ entry }) => entry))).toEqual(['c']);
      const { invitation } = invited[0]!;
      expect(invitation.link?.url).toBe(
        `https://app.test/join?invitation_token=${invitation.token}`,
      );
      expect(await names({ status: 'waiting' })).toEqual(['b']);
    });

    it('gives several people no link of one key', async () => {
      const { there, join, names } = await open();
      for (const name of ['x', 'y']) await join(name);
      const link = { domain: 'go.test', key: 'vip', url: 'https://app.test/join' };
      expect(await hw.waitlist.invite({ count: 2, invitation: { link } }, there)).toMatchObject({
        code: 'validation_failed',
        errors: { 'invitation.link.key': [expect.any(String)] },
      });
      expect(await names({ status: 'waiting' })).toEqual(['x', 'y']);
    });

    it('invites each once, by however many calls at once', async () => {
      const { there, join } = await open();
      for (let index = 0; index < 10; index += 1) await join(`once${index}`);
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => hw.waitlist.invite({ count: 3 }, there)),
      );
      const ids = answers.flatMap((answer) => orThrow(answer).map(({ entry }) => entry.id));
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.length).toBeLessThanOrEqual(10);
    });

    it('invites nobody where the invitation is refused, or nobody is named', async () => {
      const { there, join, names } = await open();
      await join('kept');
      expect(
        await hw.waitlist.invite({ count: 1, invitation: { usesMax: 0 } }, there),
      ).toMatchObject({ code: 'validation_failed', errors: { usesMax: [expect.any(String)] } });
      for (const input of [{}, { count: 0 }, { count: 501 }, { ids: [] }, { ids: ['x'] }])
        expect(await hw.waitlist.invite(input, there)).toMatchObject({ code: 'validation_failed' });
      expect(await names({ status: 'waiting' })).toEqual(['kept']);
    });
  });

  describe('list and export', () => {
    it('have everybody in the order in which they are invited, page by page', async () => {
      const { there, join, names } = await open();
      for (let index = 1; index <= 12; index += 1) await join(`l${index}`);
      const { entry } = await join('l12');
      await join('l13', entry.code);
      const seen: Array<string | undefined> = [];
      for (let cursor: string | undefined; ;) {
        const page = orThrow(await hw.waitlist.list({ limit: 5, cursor }, there));
        seen.push(...nameAll(page.entries));
        cursor = page.nextCursor;
        if (cursor === undefined) break;
      }
      expect(seen).toEqual(await names());
      expect(seen.slice(0, 3)).toEqual(['l1', 'l12', 'l2']);
      const exported: Array<string | undefined> = [];
      for await (const page of await hw.waitlist.export({}, there)) exported.push(...nameAll(page));
      expect(exported).toEqual(seen);
      expect(await hw.waitlist.list({ status: 'x' as never, cursor: 'x' }, there)).toMatchObject({
        code: 'invalid_query',
        errors: { status: [expect.any(String)], cursor: [expect.any(String)] },
      });
    });
  });

  describe('privacy', () => {
    it('exports and forgets who waits, and keeps the place of who referred them', async () => {
      const { there, join } = await open();
      const { entry } = await join('referrer');
      await hw.waitlist.join(
        { email: 'gone@people.test', name: 'Gone', metadata: { a: 1 }, referredBy: entry.code },
        there,
      );
      const exported = orThrow(await hw.privacy.export({ email: 'gone@people.test' }, there));
      expect(exported.tables.waitlist_entry).toMatchObject([
        { email: 'gone@people.test', name: 'Gone', metadata: { a: 1 } },
      ]);
      orThrow(await hw.privacy.forget({ email: 'gone@people.test' }, there));
      const left = orThrow(await hw.waitlist.list({ status: 'left' }, there)).entries;
      expect(left).toMatchObject([{ email: undefined, name: null, metadata: {} }]);
      expect(await hw.waitlist.join({ email: 'gone@people.test' }, there)).toMatchObject({
        code: 'visitor_erased',
      });
      expect((await join('referrer')).entry.referrals).toBe(1);
    });
  });
});
