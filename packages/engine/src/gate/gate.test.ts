import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { day, hour, minute, second } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import { createLibrary } from '../library.ts';
import type { Library } from '../library.ts';
import { publicCodeMessage } from '../referrals/redeem-code.ts';
import type { ReferralSettings } from '../referrals/referral-settings.ts';
import type { Account } from './gate.ts';

const idOf = ({ entity }: Account): string => (entity as readonly [string, string])[1];

const away = Object.assign(new Error('away'), { code: 'ECONNREFUSED' });

describe.each(testDatabaseSizes)('the gate on %s', (size) => {
  let context: TestContext;
  let hw: Library;
  let named = 0;
  beforeAll(async () => {
    context = await openTestContext(size);
    await context.workspaces.first();
    hw = createLibrary(context);
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());
  beforeEach(async () => {
    await set(null);
    context.clock.moveBy(hour);
  });

  const set = async (referrals: ReferralSettings | null) => {
    orThrow(await hw.workspaces.update({ settings: { referrals } }));
    context.workspaces.forget();
  };
  const shut = () => set({ required: true });
  const now = () => new Date(context.clock.now());
  const account = (more: Partial<Account> = {}): Account => ({
    entity: ['user', `gated-${(named += 1)}`],
    createdAt: new Date(context.clock.now() + second),
    ...more,
  });
  const by = async (who: Account | undefined) => {
    const decision = await hw.gate.check(who);
    return decision.admitted ? decision.by : decision.reason;
  };
  const parkedSince = async (): Promise<Account> => {
    await shut();
    context.clock.moveBy(minute);
    return account({ createdAt: now() });
  };

  describe('stands', () => {
    it('open for everybody until codes are on and required', async () => {
      for (const referrals of [null, {}, { required: false }, { enabled: false, required: true }]) {
        await set(referrals);
        expect(await by(account())).toBe('open');
        expect(await hw.gate.status()).toMatchObject({ required: false, since: undefined });
      }
    });

    it('shut from the moment of the switch, which later reads and other settings leave alone', async () => {
      await shut();
      const since = now();
      context.clock.moveBy(day);
      expect(await hw.gate.status()).toEqual({ required: true, since, grandfather: true });
      await set({ required: true, usesMaxPerCode: 5, grandfather: false });
      orThrow(await hw.workspaces.update({ name: 'Renamed' }));
      const other = createLibrary(context.another());
      expect(await other.gate.status()).toEqual({ required: true, since, grandfather: false });
      await set({ required: false });
      expect(await hw.gate.status()).toMatchObject({ since: undefined });
      await shut();
      expect((await hw.gate.status()).since).toEqual(now());
    });

    it('shut since no other moment, whatever a caller writes', async () => {
      const gate = { since: '2000-01-01T00:00:00.000Z' };
      orThrow(await hw.workspaces.update({ settings: { referrals: { required: true }, gate } }));
      context.workspaces.forget();
      expect((await hw.gate.status()).since).toEqual(now());
      orThrow(await hw.workspaces.update({ settings: { gate: null } }));
      context.workspaces.forget();
      expect((await hw.gate.status()).since).toEqual(now());
    });
  });

  describe('lets in', () => {
    it('whoever is not signed in: that is for the login', async () => {
      await shut();
      expect(await by(undefined)).toBe('anonymous');
    });

    it('who was there before, to the second, while grandfathering is on', async () => {
      await shut();
      const since = context.clock.now();
      const at = (offset: number) => account({ createdAt: new Date(since + offset) });
      expect(await by(at(-day))).toBe('grandfathered');
      expect(await by(at(0))).toBe('grandfathered');
      expect(await by(at(999))).toBe('grandfathered');
      expect(await by(at(second))).toBe('parked');
      expect(await by(account({ createdAt: undefined }))).toBe('parked');
      expect(await by(account({ createdAt: new Date(Number.NaN) }))).toBe('parked');
      await set({ required: true, grandfather: false });
      expect(await by(at(-day))).toBe('parked');
      expect(await hw.gate.admission(at(-day).entity)).toBeUndefined();
    });

    it('operators, whatever the settings', async () => {
      await set({ required: true, grandfather: false });
      expect(await by(account({ isOperator: true }))).toBe('operator');
    });

    it('who has redeemed a code, and keeps the first time and reason', async () => {
      const who = await parkedSince();
      const { id } = orThrow(await hw.referrals.createCode());
      const other = orThrow(await hw.referrals.createCode());
      expect(await by(who)).toBe('parked');
      orThrow(await hw.referrals.redeem({ id }, { entity: who.entity }));
      const admission = { entity: { type: 'user', id: idOf(who) }, via: 'code', admittedAt: now() };
      expect(await hw.gate.check(who)).toEqual({ admitted: true, by: 'admission', admission });
      context.clock.moveBy(day);
      orThrow(await hw.referrals.redeem(other, { entity: who.entity }));
      expect(orThrow(await hw.gate.admit({ entity: who.entity, via: 'support' }))).toEqual(
        admission,
      );
      expect(await hw.gate.admission(who.entity)).toEqual(admission);
    });

    it('who redeemed an invitation, together with its seat or not at all', async () => {
      const who = await parkedSince();
      const invitation = orThrow(await hw.invitations.create({ usesMax: 1 }));
      // The note cannot be written: nor is the seat taken.
      const { db } = context.database;
      const broken = createLibrary({
        ...context,
        clock: {
          now: () => {
            if (new Error('asked').stack?.includes('noteAdmission') === true) throw away;
            return context.clock.now();
          },
        },
      });
      await expect(broken.invitations.redeem(invitation, { entity: who.entity })).rejects.toBe(
        away,
      );
      expect((await hw.invitations.get(invitation.id))?.uses).toBe(0);
      expect(
        await db.selectFrom('admission').select('via').where('entity_id', '=', idOf(who)).execute(),
      ).toEqual([]);
      orThrow(await hw.invitations.redeem(invitation, { entity: who.entity }));
      expect(await hw.gate.admission(who.entity)).toMatchObject({ via: 'invitation' });
    });

    it('whom an open invitation is for, and still when that is redeemed', async () => {
      const email = `invited-${size}@people.test`;
      const who = { ...(await parkedSince()), email };
      const invitation = orThrow(await hw.invitations.create({ emails: [email], usesMax: 1 }));
      expect(await by(who)).toBe('pending_invitation');
      expect(await by({ ...who, email: 'other@people.test' })).toBe('parked');
      expect(await by({ ...who, email: 'no address' })).toBe('parked');
      orThrow(await hw.invitations.pause(invitation));
      expect(await by(who)).toBe('parked');
      orThrow(await hw.invitations.resume(invitation));
      orThrow(await hw.invitations.redeem(invitation, { entity: who.entity, email }));
      expect(await by(who)).toBe('admission');
      expect(await by({ ...account(), email })).toBe('parked');
    });

    it('by an invitation that wants the address verified only whose address is', async () => {
      const email = `verified-${size}@people.test`;
      const who = { ...(await parkedSince()), email };
      const invitation = orThrow(
        await hw.invitations.create({ emails: [email], verifiedEmail: true }),
      );
      expect(await by(who)).toBe('parked');
      expect(await by({ ...who, emailVerified: true })).toBe('pending_invitation');
      context.clock.moveBy(8 * day);
      expect(await by({ ...who, emailVerified: true })).toBe('parked');
      orThrow(await hw.invitations.revoke(invitation));
    });

    it('who has redeemed anything in the past, and notes it', async () => {
      const who = account();
      const code = orThrow(await hw.referrals.createCode());
      const { redemption } = orThrow(await hw.referrals.redeem(code, { entity: who.entity }));
      const { db } = context.database;
      const forget = () =>
        db.deleteFrom('admission').where('entity_id', '=', redemption.entity.id!).execute();
      await forget();
      await shut();
      expect(await by(who)).toBe('admission');
      expect(await hw.gate.admission(who.entity)).toMatchObject({ via: 'past_redemption' });
      await forget();
      orThrow(await hw.referrals.reverse(redemption));
      expect(await by({ ...who, createdAt: new Date(context.clock.now() + minute) })).toBe(
        'parked',
      );
    });

    it('nobody that names nobody, without asking', async () => {
      await shut();
      const mute = createLibrary({
        ...context,
        database: {
          ...context.database,
          db: new Proxy({} as never, {
            get: () => {
              throw away;
            },
          }),
        },
      });
      for (const entity of [['user', ''], ['user', ' '], [], null])
        expect(await mute.gate.check({ entity: entity as never })).toEqual({
          admitted: false,
          reason: 'parked',
        });
      expect(await hw.gate.admission(['user', ''])).toBeUndefined();
    });

    it('nobody where nobody can tell, but for operators', async () => {
      await shut();
      for (const broken of [away, new Error('a bug')]) {
        const db = new Proxy({} as never, {
          get: () => {
            throw broken;
          },
        });
        const blind = createLibrary({ ...context, database: { ...context.database, db } });
        expect(await blind.gate.check(account())).toEqual({
          admitted: false,
          reason: 'unavailable',
        });
        expect(await blind.gate.check(account({ isOperator: true }))).toMatchObject({
          admitted: true,
        });
      }
      const workspaces = {
        ...context.workspaces,
        remembered: () => undefined,
        servedBy: () => undefined,
        first: () => Promise.reject(away),
      };
      const lost = createLibrary({ ...context, workspaces });
      expect(await lost.gate.check(account())).toEqual({ admitted: false, reason: 'unavailable' });
      expect(await lost.gate.check(account({ isOperator: true }))).toMatchObject({
        admitted: true,
      });
      expect(context.logged.join()).toContain('a bug');
    });
  });

  describe('redeem', () => {
    it('lets in who stands before it, with a code that is used up by that', async () => {
      const who = await parkedSince();
      const code = orThrow(await hw.referrals.createCode({ usesMax: 1 }));
      expect(
        await hw.gate.redeem({ account: who, code: ` ${code.code.toLowerCase()} ` }),
      ).toMatchObject({
        value: { admitted: true, by: 'admission', admission: { via: 'code' } },
      });
      expect((await hw.referrals.getCode(code.id))?.uses).toBe(1);
      expect(await by(who)).toBe('admission');
    });

    it('uses nothing up for who may come in already, and keeps the reason', async () => {
      const who = await parkedSince();
      const code = orThrow(await hw.referrals.createCode({ usesMax: 1 }));
      orThrow(await hw.gate.admit({ entity: who.entity, via: 'backfill' }));
      expect(await hw.gate.redeem({ account: who, code: code.code })).toMatchObject({
        value: { admitted: true, admission: { via: 'backfill' } },
      });
      expect((await hw.referrals.getCode(code.id))?.uses).toBe(0);
    });

    it('uses one up of two codes that one account sends at once', async () => {
      const who = await parkedSince();
      const codes = [
        orThrow(await hw.referrals.createCode()),
        orThrow(await hw.referrals.createCode()),
      ];
      const answers = await Promise.all(
        codes.map(({ code }) => hw.gate.redeem({ account: who, code })),
      );
      expect(answers.every((answer) => answer.ok && answer.value.admitted)).toBe(true);
      const uses = await Promise.all(codes.map(({ id }) => hw.referrals.getCode(id)));
      expect(uses.reduce((sum, code) => sum + code!.uses, 0)).toBe(1);
    });

    it('has one answer for every code that cannot be used, and admits nobody by it', async () => {
      const who = await parkedSince();
      const used = orThrow(await hw.referrals.createCode({ usesMax: 1 }));
      orThrow(await hw.referrals.redeem(used, { entity: account().entity }));
      const inactive = orThrow(await hw.referrals.createCode({ active: false }));
      const own = orThrow(await hw.referrals.createCode({ creatorId: idOf(who) }));
      const answers = [];
      for (const code of ['22222', 'no code!', used.code, inactive.code, own.code])
        answers.push(JSON.stringify(await hw.gate.redeem({ account: who, code })));
      expect(new Set(answers).size).toBe(1);
      expect(answers[0]).toContain(publicCodeMessage);
      for (const code of ['', '  ', null, undefined])
        expect(await hw.gate.redeem({ account: who, code })).toMatchObject({
          code: 'code_required',
        });
      expect(await by(who)).toBe('parked');
    });

    it('counts ten tries of an account in ten minutes, and 20 of a network in one', async () => {
      const who = await parkedSince();
      const tries = async (of: Account, times: number, address?: string) => {
        let limited = 0;
        for (let count = 0; count < times; count += 1) {
          const answer = await hw.gate.redeem({ account: of, code: 'NOPE1', address });
          if (!answer.ok && answer.code === 'rate_limited') limited += 1;
        }
        return limited;
      };
      context.clock.moveBy(10 * minute - (context.clock.now() % (10 * minute)));
      expect(await tries(who, 12)).toBe(2);
      const code = orThrow(await hw.referrals.createCode());
      expect(await hw.gate.redeem({ account: who, code: code.code })).toMatchObject({
        code: 'rate_limited',
      });
      context.clock.moveBy(10 * minute);
      expect(await hw.gate.redeem({ account: who, code: code.code })).toMatchObject({ ok: true });
      for (let each = 0; each < 4; each += 1)
        expect(await tries(account(), 5, '203.0.113.77')).toBe(0);
      expect(await tries(account(), 1, '203.0.113.78')).toBe(1);
    });
  });

  describe('pruneParked', () => {
    it('has switched off who stood before the gate for too long, and nobody else', async () => {
      const deactivated: unknown[] = [];
      const prune = (days: number, accounts: readonly Account[], limit?: number) =>
        hw.gate.pruneParked({
          days,
          limit,
          accounts: ({ createdBefore, createdAfter }) =>
            accounts.filter(
              ({ createdAt }) =>
                createdAt! < createdBefore &&
                (createdAfter === undefined || createdAt! > createdAfter),
            ),
          deactivate: (one) => void deactivated.push(one.entity),
        });
      const before = account({ createdAt: now() });
      expect(await prune(7, [before])).toEqual({ deactivated: 0 });
      context.clock.moveBy(hour);
      await shut();
      context.clock.moveBy(hour);
      const [old, operator, admitted] = [
        account({ createdAt: now() }),
        account({ createdAt: now(), isOperator: true }),
        account({ createdAt: now() }),
      ];
      orThrow(await hw.gate.admit({ entity: admitted.entity }));
      context.clock.moveBy(8 * day);
      const fresh = account({ createdAt: now() });
      const all = [before, old, operator, admitted, fresh];
      expect(await prune(0, all)).toEqual({ deactivated: 0 });
      expect(await prune(-1, all)).toEqual({ deactivated: 0 });
      expect(await prune(30, all)).toEqual({ deactivated: 0 });
      expect(await prune(7, all)).toEqual({ deactivated: 1 });
      expect(deactivated).toEqual([old.entity]);
      await set({ required: true, grandfather: false });
      expect(await prune(7, all, 1)).toEqual({ deactivated: 1 });
      expect(deactivated.at(-1)).toEqual(before.entity);
    });

    it('leaves alone of whom nobody can tell, also where a host hands out too many', async () => {
      await shut();
      context.clock.moveBy(hour);
      const old = account({ createdAt: now() });
      context.clock.moveBy(8 * day);
      const db = new Proxy({} as never, {
        get: () => {
          throw away;
        },
      });
      const blind = createLibrary({ ...context, database: { ...context.database, db } });
      const input = {
        days: 7,
        accounts: () => [old],
        deactivate: () => {
          throw new Error('switched off');
        },
      };
      expect(await blind.gate.pruneParked(input)).toEqual({ deactivated: 0 });
      const young = { ...input, accounts: () => [account({ createdAt: now() })] };
      expect(await hw.gate.pruneParked(young)).toEqual({ deactivated: 0 });
    });
  });

  it('lets in once more who was forgotten only as somebody new', async () => {
    const who = await parkedSince();
    const code = orThrow(await hw.referrals.createCode());
    orThrow(await hw.referrals.redeem(code, { entity: who.entity }));
    const externalId = idOf(who);
    orThrow(await hw.privacy.forget({ externalId }));
    expect(await by(who)).toBe('parked');
    expect(await hw.gate.admission(who.entity)).toBeUndefined();
    expect(await hw.gate.admit({ entity: who.entity })).toMatchObject({ code: 'visitor_erased' });
  });
});
