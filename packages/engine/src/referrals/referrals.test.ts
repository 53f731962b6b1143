import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { day, minute } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import { createLibrary } from '../library.ts';
import type { Library } from '../library.ts';
import { createWorkspace } from '../workspaces/create-workspace.ts';
import type { ReferralSettings } from './referral-settings.ts';

const nowhere = '01900000-0000-7000-8000-000000000000';

describe.each(testDatabaseSizes)('referral codes on %s', (size) => {
  let context: TestContext;
  let hw: Library;
  beforeAll(async () => {
    context = await openTestContext(size);
    await context.workspaces.first();
    hw = createLibrary(context);
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const create = async (input: Parameters<typeof hw.referrals.createCode>[0] = {}) =>
    orThrow(await hw.referrals.createCode(input));
  const redeem = (code: string | { id: string }, user: string) =>
    hw.referrals.redeem(code, { entity: ['user', user] });
  const set = async (referrals: ReferralSettings | null) => {
    orThrow(await hw.workspaces.update({ settings: { referrals } }));
    context.workspaces.forget();
  };

  describe('a code', () => {
    it('is made of five characters, with the limit of the workspace and no end', async () => {
      const code = await create();
      expect(code).toMatchObject({
        code: expect.stringMatching(/^[A-HJ-NP-Z2-9]{5}$/),
        active: true,
        uses: 0,
        usesMax: 100,
        expiresAt: null,
        creatorId: null,
        beneficiaryId: null,
      });
      expect(await hw.referrals.getCode(code.id)).toEqual(code);
    });

    it('is chosen, and found however it is typed', async () => {
      const code = await create({ code: '  welcome ', description: 'Hello', creatorId: 7 });
      expect(code).toMatchObject({ code: 'WELCOME', creatorId: '7', beneficiaryId: '7' });
      for (const typed of ['WELCOME', 'welcome', ' WelCome '])
        expect((await hw.referrals.getCodeByText(typed))?.id).toBe(code.id);
      for (const unknown of ['WELCOM', '', 'welcome!', null])
        expect(await hw.referrals.getCodeByText(unknown as string)).toBeUndefined();
      expect(await hw.referrals.createCode({ code: 'WELcome' })).toMatchObject({
        code: 'code_taken',
        errors: { code: ['has already been taken'] },
      });
    });

    it.each([
      [{ code: 'ab' }, 'code'],
      [{ code: 'über' }, 'code'],
      [{ description: ' ' }, 'description'],
      [{ description: 'x'.repeat(256) }, 'description'],
      [{ usesMax: 0 }, 'usesMax'],
      [{ usesMax: 101 }, 'usesMax'],
      [{ expiresAt: new Date(0) }, 'expiresAt'],
      [{ creatorId: '' }, 'creatorId'],
      [{ active: 'yes' }, 'active'],
    ])('refuses %j', async (input, field) => {
      expect(await hw.referrals.createCode(input as never)).toMatchObject({
        code: 'validation_failed',
        errors: { [field]: [expect.any(String)] },
      });
    });

    it('is changed where something is given, and never in its uses', async () => {
      const code = await create({ usesMax: 50, expiresAt: new Date(context.clock.now() + day) });
      context.clock.moveBy(2 * day);
      const changed = orThrow(
        await hw.referrals.updateCode(code, { active: false, uses: 999 } as never),
      );
      expect(changed).toEqual({ ...code, active: false, updatedAt: new Date(context.clock.now()) });
      expect(
        await hw.referrals.updateCode(code, { expiresAt: new Date(context.clock.now() - 1) }),
      ).toMatchObject({ errors: { expiresAt: ['must be in the future'] } });
      await set({ usesMaxPerCode: 5 });
      expect(await hw.referrals.updateCode(code, { description: 'Old' })).toMatchObject({
        ok: true,
        value: { usesMax: 50 },
      });
      expect(await hw.referrals.updateCode(code, { usesMax: 6 })).toMatchObject({
        errors: { usesMax: ['must be a whole number from 1 to the limit of 5'] },
      });
      await set(null);
      expect(
        orThrow(await hw.referrals.updateCode(code, { beneficiaryId: null })).beneficiaryId,
      ).toBeNull();
      expect(await hw.referrals.updateCode(nowhere, {})).toMatchObject({ code: 'code_not_found' });
    });

    it('is one of as many as a user may have, however many ask at once', async () => {
      await set({ codesMaxPerUser: 3 });
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => hw.referrals.createCode({ creatorId: 'busy' })),
      );
      expect(answers.filter((answer) => answer.ok)).toHaveLength(3);
      expect(answers.find((answer) => !answer.ok)).toMatchObject({
        code: 'too_many_codes',
        message: 'The user has reached the maximum limit of 3 referral codes',
      });
      expect(await hw.referrals.countCodesOf('busy')).toBe(3);
      const [answer] = answers.filter((each) => each.ok);
      orThrow(await hw.referrals.archiveCode(orThrow(answer!)));
      // Neither being archived nor being inactive gives a place back.
      expect(await hw.referrals.createCode({ creatorId: 'busy' })).toMatchObject({ ok: false });
      expect(await hw.referrals.countCodesOf('')).toBe(0);
      await set(null);
    });

    it('is archived without losing its history', async () => {
      const code = await create({ code: 'GOODBYE' });
      orThrow(await redeem('goodbye', 'a1'));
      orThrow(await hw.referrals.archiveCode(code));
      orThrow(await hw.referrals.archiveCode(code));
      expect(await redeem('goodbye', 'a2')).toMatchObject({ code: 'code_not_found' });
      expect(orThrow(await hw.referrals.stats(code)).totalUses).toBe(1);
      expect(await hw.referrals.hasRedeemed(['user', 'a1'])).toBe(true);
      expect((await create({ code: 'goodbye' })).id).not.toBe(code.id);
    });

    it('is listed by what it is', async () => {
      const creatorId = 'lister';
      const [one, two] = [
        await create({ creatorId, code: 'LIST-ONE' }),
        await create({ creatorId, code: 'LIST-TWO', active: false, description: 'Spring' }),
      ];
      const codes = async (input: Parameters<typeof hw.referrals.listCodes>[0]) =>
        orThrow(await hw.referrals.listCodes({ creatorId, ...input })).codes.map(({ id }) => id);
      expect(await codes({})).toEqual([two.id, one.id]);
      expect(await codes({ valid: true })).toEqual([one.id]);
      expect(await codes({ valid: false })).toEqual([two.id]);
      expect(await codes({ search: 'spring' })).toEqual([two.id]);
      const page = orThrow(await hw.referrals.listCodes({ creatorId, limit: 1 }));
      expect(await codes({ cursor: page.nextCursor })).toEqual([one.id]);
      expect(await hw.referrals.listCodes({ limit: 0 })).toMatchObject({ code: 'invalid_query' });
    });
  });

  describe('redeem', () => {
    it('says the precise reason, the first that holds', async () => {
      expect(await redeem('NOPE1', 'u')).toMatchObject({ code: 'code_not_found' });
      expect(await redeem({ id: nowhere }, 'u')).toMatchObject({ code: 'code_not_found' });
      const code = await create({ usesMax: 1, expiresAt: new Date(context.clock.now() + day) });
      orThrow(await redeem(code.code, 'first'));
      expect(await redeem(code.code, 'second')).toMatchObject({ code: 'code_exhausted' });
      context.clock.moveBy(day);
      expect(await redeem(code.code, 'second')).toMatchObject({ code: 'code_expired' });
      orThrow(await hw.referrals.updateCode(code, { active: false }));
      expect(await redeem(code.code, 'second')).toMatchObject({ code: 'code_inactive' });
      // Whoever was there hears so, whatever has become of the code.
      expect(await redeem(code.code, 'first')).toMatchObject({ code: 'already_redeemed' });
      expect(await redeem(code.code, '')).toMatchObject({ code: 'validation_failed' });
      await set({ enabled: false });
      expect(await redeem(code.code, 'first')).toMatchObject({ code: 'referrals_disabled' });
      await set(null);
    });

    it('refuses who would refer themselves, or notes it', async () => {
      const code = await create({ creatorId: 'self' });
      expect(await redeem(code, 'self')).toMatchObject({ code: 'self_referral' });
      expect((await hw.referrals.getCode(code.id))?.uses).toBe(0);
      await set({ selfReferral: 'flag' });
      const { redemption } = orThrow(await redeem(code, 'self'));
      expect(redemption.selfReferral).toBe(true);
      expect(orThrow(await hw.referrals.list({ referrer: ['user', 'self'] })).referrals).toEqual(
        [],
      );
      await set(null);
    });

    it('takes a use anew for the same attempt, once the first was given back', async () => {
      const { id } = await create({ usesMax: 1 });
      const attempt = () =>
        hw.referrals.redeem({ id }, { entity: ['user', 'again'], idempotencyKey: `again ${id}` });
      const first = orThrow(await attempt());
      orThrow(await hw.referrals.reverse(first.redemption));
      const second = orThrow(await attempt());
      expect(second).toMatchObject({ repeated: false, redemption: { status: 'active' } });
      expect(second.redemption.id).not.toBe(first.redemption.id);
      expect(orThrow(await attempt()).repeated).toBe(true);
      expect(await redeem({ id }, 'other')).toMatchObject({ code: 'code_exhausted' });
    });

    it('is refused to who has made the code', async () => {
      const { id } = await create({ creatorId: 'maker' });
      expect(await redeem({ id }, 'maker')).toMatchObject({ code: 'self_referral' });
      expect((await redeem({ id }, 'friend')).ok).toBe(true);
    });

    it('gives a use back; the redemption stays and counts in the total', async () => {
      const code = await create({ usesMax: 1, beneficiaryId: 'ben' });
      const { redemption } = orThrow(await redeem(code, 'rev-1'));
      const reversed = orThrow(await hw.referrals.reverse(redemption));
      expect(reversed).toMatchObject({
        status: 'reversed',
        reversedAt: new Date(context.clock.now()),
      });
      expect(orThrow(await hw.referrals.reverse(redemption)).status).toBe('reversed');
      expect(await hw.referrals.hasRedeemed(['user', 'rev-1'], code.id)).toBe(false);
      orThrow(await redeem(code, 'rev-1'));
      expect((await hw.referrals.getCode(code.id))?.uses).toBe(1);
      expect(orThrow(await hw.referrals.stats(code))).toMatchObject({
        totalUses: 2,
        uniqueUsers: 1,
      });
      expect(await hw.invitations.release(redemption)).toMatchObject({
        code: 'redemption_not_found',
      });
    });

    it('counts codes that are none by who tries them, with all processes, in a transaction of the host too', async () => {
      const other = createLibrary(context.another());
      const tries = async (times: number) => {
        let limited = 0;
        for (let count = 0; count < times; count += 1) {
          const each = count % 2 === 0 ? hw : other;
          const answer = await each.referrals.redeem('NOPE1', {
            entity: ['user', `tries-${size}`],
          });
          if (!answer.ok && answer.code === 'rate_limited') limited += 1;
        }
        return limited;
      };
      context.clock.moveBy(minute);
      // Processes share the count where they share a server: an embedded database has one.
      expect(await tries(40)).toBe(size === 'postgres' ? 20 : 0);
      if (size === 'pglite') return;
      const code = await create();
      const client = new pg.Client({ connectionString: context.url });
      await client.connect();
      await client.query('begin');
      const input = { entity: ['user', `tries-${size}`] } as const;
      expect(await hw.referrals.redeem(code, input, { tx: client })).toMatchObject({
        code: 'rate_limited',
      });
      await client.query('rollback');
      await client.end();
      context.clock.moveBy(minute);
      expect(await hw.referrals.redeem(code, input)).toMatchObject({ ok: true });
    });

    it('answers a retry of one attempt the same', async () => {
      const code = await create();
      const input = { entity: ['user', 'retry'], idempotencyKey: 'code-attempt' } as const;
      const first = orThrow(await hw.referrals.redeem(code, input));
      expect(orThrow(await hw.referrals.redeem(code, input))).toEqual({
        redemption: first.redemption,
        repeated: true,
      });
      expect((await hw.referrals.getCode(code.id))?.uses).toBe(1);
    });

    it('makes one edge for whoever came, from who came first', async () => {
      const [one, two] = [
        await create({ beneficiaryId: 'referrer-1' }),
        await create({ beneficiaryId: 'referrer-2' }),
      ];
      orThrow(await redeem(one, 'referee'));
      orThrow(await redeem(two, 'referee'));
      expect(
        orThrow(await hw.referrals.list({ referee: ['user', 'referee'] })).referrals,
      ).toMatchObject([
        {
          referrer: { type: 'user', id: 'referrer-1' },
          referee: { type: 'user', id: 'referee' },
          status: 'active',
        },
      ]);
      expect(await hw.referrals.leaderboard(100)).toContainEqual({
        referrer: { type: 'user', id: 'referrer-1' },
        referrals: 1,
      });
    });

    it('is a touch that identifies who came by it', async () => {
      const code = await create({ code: 'TOUCHED' });
      const { visitor } = orThrow(await hw.visitors.resolve({ anonymousId: 'code-cookie' }));
      orThrow(
        await hw.referrals.redeem('touched', {
          entity: ['user', 'touched-1'],
          anonymousId: 'code-cookie',
        }),
      );
      context.clock.moveBy(minute);
      orThrow(await hw.events.track({ type: 'registration', externalId: 'touched-1' }));
      const person = await hw.visitors.getByExternalId('touched-1');
      expect((await hw.visitors.get(visitor!.id))?.id).toBe(person!.id);
      const { path } = orThrow(await hw.visitors.attribution(person!.id));
      expect(path).toMatchObject([
        { kind: 'referral', source: 'referral_code', campaign: 'TOUCHED', content: code.id },
      ]);
      const conversions = await context.database.db
        .selectFrom('conversion')
        .select('type')
        .where('touch_id', '=', path[0]!.id)
        .execute();
      expect(conversions).toEqual([{ type: 'registration' }]);
    });
  });

  describe('statistics', () => {
    it('have the form of the document', async () => {
      const code = await create({ code: 'STATS' });
      expect(orThrow(await hw.referrals.stats(code))).toEqual({
        totalUses: 0,
        uniqueUsers: 0,
        lastUsed: null,
        recentUsers: [],
      });
      for (const user of ['1', '2', '3', '4', '5', '6']) {
        context.clock.moveBy(minute);
        orThrow(await redeem('stats', `s${user}`));
      }
      expect(orThrow(await hw.referrals.stats(code.id))).toEqual({
        totalUses: 6,
        uniqueUsers: 6,
        lastUsed: new Date(context.clock.now()),
        recentUsers: ['s6', 's5', 's4', 's3', 's2'],
      });
      expect(await hw.referrals.stats(nowhere)).toMatchObject({ code: 'code_not_found' });
      const { redemptions } = orThrow(
        await hw.referrals.redemptions({ codeId: code.id, limit: 2 }),
      );
      expect(redemptions.map(({ entity }) => entity.id)).toEqual(['s6', 's5']);
      const ofUser = orThrow(await hw.referrals.redemptions({ entity: ['user', 's1'] }));
      expect(ofUser.redemptions).toMatchObject([{ codeId: code.id, entity: { id: 's1' } }]);
      expect((await hw.referrals.topCodes(1))[0]?.id).toBe(code.id);
    });

    it('know who has ever redeemed, and nobody who is not known', async () => {
      const code = await create();
      orThrow(await redeem(code, 'has'));
      expect(await hw.referrals.hasRedeemed(['user', 'has'], code.id)).toBe(true);
      expect(await hw.referrals.hasRedeemed(['user', 'has'])).toBe(true);
      expect(await hw.referrals.hasRedeemed(['user', 'has'], nowhere)).toBe(false);
      expect(await hw.referrals.hasRedeemed(['user', 'has-not'])).toBe(false);
      expect(await hw.referrals.hasRedeemed(['user', ''])).toBe(false);
      expect(await hw.referrals.hasRedeemed(['user', 'has'], 'not-a-uuid')).toBe(false);
    });

    it('count in one workspace only', async () => {
      const { id: workspaceId } = orThrow(await createWorkspace(context, { name: 'Elsewhere' }));
      const there = { workspaceId };
      const code = orThrow(await hw.referrals.createCode({ code: 'STATS' }, there));
      orThrow(await hw.referrals.redeem('stats', { entity: ['user', 's1'] }, there));
      orThrow(await hw.referrals.createCode({ active: false }, there));
      expect(await hw.referrals.totals(there)).toEqual({
        codes: 2,
        validCodes: 1,
        codesWithUses: 1,
        redemptions: 1,
      });
      expect(await hw.referrals.getCode(code.id)).toBeUndefined();
      expect(await hw.referrals.redeem(code, { entity: ['user', 'x'] })).toMatchObject({
        code: 'code_not_found',
      });
    });
  });

  describe('check', () => {
    it('has one answer for every code that cannot be used', async () => {
      const expired = await create({ expiresAt: new Date(context.clock.now() + 1) });
      context.clock.moveBy(1);
      const used = await create({ usesMax: 1 });
      orThrow(await redeem(used, 'checked'));
      const inactive = await create({ active: false });
      const answers = [];
      for (const code of [expired.code, used.code, inactive.code, '22222', 'no code!'])
        answers.push(await hw.referrals.check({ code }));
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      expect(answers[0]).toMatchObject({ ok: false, code: 'code_unusable' });
      expect(JSON.stringify(answers[0])).not.toMatch(/invalid|expired|active|limit|exhausted/);
      const good = await create();
      expect(orThrow(await hw.referrals.check({ code: ` ${good.code.toLowerCase()} ` }))?.id).toBe(
        good.id,
      );
    });

    it('wants a code where one is required, and never while somebody types', async () => {
      const check = async (input: Parameters<typeof hw.referrals.check>[0]) => {
        const answer = await hw.referrals.check(input);
        return answer.ok ? 'ok' : answer.message;
      };
      for (const code of ['', null, '   ', undefined]) expect(await check({ code })).toBe('ok');
      expect(await check({ code: 'NOPE1' })).toBe('This referral code cannot be used');
      await set({ required: true });
      for (const code of ['', null, '   ']) {
        expect(await check({ code, when: 'typing' })).toBe('ok');
        expect(await check({ code })).toBe('Referral code is required');
      }
      expect(await check({ code: 'NOPE1', when: 'typing' })).toBe('ok');
      await set({ required: true, enabled: false });
      for (const code of ['', 'ANYTHING']) expect(await check({ code })).toBe('ok');
      await set(null);
    });

    it('counts guesses by network and by account, and nothing that was not typed', async () => {
      const tooMany = async (input: Parameters<typeof hw.referrals.check>[0], times = 40) => {
        let limited = 0;
        for (let count = 0; count < times; count += 1) {
          const answer = await hw.referrals.check(input);
          if (!answer.ok && answer.code === 'rate_limited') limited += 1;
        }
        return limited;
      };
      expect(await tooMany({ code: '', address: '203.0.113.9' }, 50)).toBe(0);
      expect(await tooMany({ code: 'GUESS', address: '203.0.113.9' })).toBe(20);
      // Another address of the same network.
      expect(await tooMany({ code: 'GUESS', address: '203.0.113.10' }, 1)).toBe(1);
      expect(await tooMany({ code: 'GUESS', account: 'account-1' })).toBe(20);
      expect(await tooMany({ code: 'GUESS' })).toBe(0);
      context.clock.moveBy(minute);
      expect(await tooMany({ code: 'GUESS', address: '203.0.113.9' }, 1)).toBe(0);
    });
  });
});

describe('the last uses of a code', () => {
  it('are exactly as many as there are, for 200 who redeem at once in several processes', async () => {
    await using context = await openTestContext('postgres');
    await context.workspaces.first();
    const pools = Array.from({ length: 2 }, () => new pg.Pool({ connectionString: context.url }));
    try {
      const processes = Array.from({ length: 4 }, () => createLibrary(context.another()));
      const code = orThrow(
        await processes[0]!.referrals.createCode({ code: 'FIFTY', usesMax: 50 }),
      );
      const answers = await Promise.all(
        Array.from({ length: 200 }, async (_, index) => {
          const hw = processes[index % processes.length]!;
          const entity = ['user', `u${index}`] as const;
          if (index % 4 !== 0) return hw.referrals.redeem('fifty', { entity });
          const client = await pools[index % pools.length]!.connect();
          try {
            await client.query('begin');
            const answer = await hw.referrals.redeem('fifty', { entity }, { tx: client });
            await client.query('commit');
            return answer;
          } finally {
            client.release();
          }
        }),
      );
      expect(answers.filter((answer) => answer.ok)).toHaveLength(50);
      for (const answer of answers) if (!answer.ok) expect(answer.code).toBe('code_exhausted');
      expect((await processes[1]!.referrals.getCode(code.id))?.uses).toBe(50);
      const { db } = context.database;
      const rows = await db.selectFrom('redemption').select('status').execute();
      expect(rows).toHaveLength(50);
    } finally {
      await Promise.all(pools.map((pool) => pool.end()));
    }
  }, 60_000);
});
