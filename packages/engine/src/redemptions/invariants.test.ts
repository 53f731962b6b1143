/** What has to hold whatever happens: invariants of invitations and codes that no single use case shows. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { minute } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import { createLibrary } from '../library.ts';
import type { Library } from '../library.ts';
import { createWorkspace } from '../workspaces/create-workspace.ts';

let context: TestContext;
let hw: Library;
let spaces = 0;
beforeAll(async () => {
  context = await openTestContext('pglite', { invitations: { signingSecret: 'signing-needle' } });
  await context.workspaces.first();
  hw = createLibrary(context);
}, 30_000);
afterAll(() => context[Symbol.asyncDispose]());

const newWorkspace = async () => {
  const made = await createWorkspace(context, { name: `Space ${(spaces += 1)}` });
  return { workspaceId: orThrow(made).id };
};

describe('one event id', () => {
  it('counts once in each workspace and type, however it arrives', async () => {
    const [here, there] = [await newWorkspace(), await newWorkspace()];
    const eventId = '01900000-0000-7000-8000-00000000000a';
    const track = (where: typeof here) =>
      hw.events.track(
        { type: 'registration', externalId: 'once', eventId, occurredAt: new Date(1.7e12) },
        { ...where, createsVisitor: true },
      );
    const outcomes = [];
    for (const where of [here, here, there, there])
      outcomes.push(orThrow(await track(where)).outcome);
    expect(outcomes).toEqual(['accepted', 'duplicate', 'accepted', 'duplicate']);
    const code = orThrow(await hw.referrals.createCode({}, here));
    const redeem = () =>
      hw.referrals.redeem(code, { entity: ['user', 'once'], idempotencyKey: 'one' }, here);
    await Promise.all([redeem(), redeem(), redeem()]);
    const events = await context.database.db
      .selectFrom('event')
      .select('type')
      .where('workspace_id', '=', here.workspaceId)
      .execute();
    expect(events.map(({ type }) => type).sort()).toEqual(['redemption', 'registration']);
  });
});

describe('counters', () => {
  const step = fc.record({
    what: fc.constantFrom('redeem', 'redeem', 'giveBack', 'limit'),
    user: fc.integer({ min: 0, max: 5 }),
  });

  it('are never negative nor beyond the limit, and the same as the rows that they count', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const there = await newWorkspace();
        const invitation = orThrow(await hw.invitations.create({ usesMax: 3 }, there));
        const code = orThrow(await hw.referrals.createCode({ usesMax: 3 }, there));
        const seats = new Map<number, { invitation?: string; code?: string }>();
        await Promise.all(
          steps.map(async ({ what, user }) => {
            const entity = ['user', `u${user}`] as const;
            const taken = seats.get(user) ?? {};
            if (what === 'redeem') {
              const one = await hw.invitations.redeem(invitation, { entity }, there);
              const other = await hw.referrals.redeem(code, { entity }, there);
              seats.set(user, {
                ...(one.ok && { invitation: one.value.redemption.id }),
                ...(other.ok && { code: other.value.redemption.id }),
              });
            } else if (what === 'giveBack') {
              if (taken.invitation !== undefined)
                await hw.invitations.release(taken.invitation, there);
              if (taken.code !== undefined) await hw.referrals.reverse(taken.code, there);
            } else {
              await hw.invitations.update(invitation, { usesMax: 1 + (user % 3) }, there);
              await hw.referrals.updateCode(code, { usesMax: 1 + (user % 3) }, there);
            }
          }),
        );
        const active = async (of: 'invitation_id' | 'code_id') =>
          (
            await context.database.db
              .selectFrom('redemption')
              .select('id')
              .where('workspace_id', '=', there.workspaceId)
              .where('status', '=', 'active')
              .where(of, 'is not', null)
              .execute()
          ).length;
        const after = (await hw.invitations.get(invitation.id, there))!;
        const codeAfter = (await hw.referrals.getCode(code.id, there))!;
        expect(after.uses).toBe(await active('invitation_id'));
        expect(codeAfter.uses).toBe(await active('code_id'));
        for (const { uses, usesMax } of [after, codeAfter]) {
          expect(uses).toBeGreaterThanOrEqual(0);
          expect(uses).toBeLessThanOrEqual(usesMax!);
        }
      }),
      { numRuns: 12 },
    );
  }, 60_000);
});

describe('what the public is told of a code', () => {
  it('looks the same for every code that cannot be used, and takes the same statements', async () => {
    let statements = 0;
    const counting: Parameters<typeof context.database.db.withPlugin>[0] = {
      transformQuery({ node }) {
        statements += 1;
        return node;
      },
      transformResult: ({ result }) => Promise.resolve(result),
    };
    const db = context.database.db.withPlugin(counting);
    const counted = createLibrary({ ...context, database: { ...context.database, db } });
    const used = orThrow(await hw.referrals.createCode({ usesMax: 1 }));
    orThrow(await hw.referrals.redeem(used, { entity: ['user', 'used'] }));
    const expired = orThrow(
      await hw.referrals.createCode({ expiresAt: new Date(context.clock.now() + 1) }),
    );
    const inactive = orThrow(await hw.referrals.createCode({ active: false }));
    const archived = orThrow(await hw.referrals.createCode());
    orThrow(await hw.referrals.archiveCode(archived));
    context.clock.moveBy(minute);
    const seen = new Set<string>();
    for (const { code } of [used, expired, inactive, archived, { code: '22222' }]) {
      statements = 0;
      const answer = await counted.referrals.check({ code });
      seen.add(JSON.stringify([answer, statements]));
    }
    expect([...seen]).toHaveLength(1);
    expect([...seen][0]).toMatch(/code_unusable.*,1\]$/);
  });
});

describe('logs and messages', () => {
  it('have no secret, token, code or address', async () => {
    const needles = ['signing-needle', 'token-needle', 'needle@people.test', 'CODE-NEEDLE'];
    const [token, email, code] = ['token-needle', 'needle@people.test', 'code-needle'];
    const entity = ['user', 'logged'] as const;
    const invitation = orThrow(
      await hw.invitations.create({ token, sign: true, emails: [email], usesMax: 1 }),
    );
    orThrow(await hw.referrals.createCode({ code, usesMax: 1 }));
    orThrow(await hw.waitlist.join({ email }));
    const broken = createLibrary({
      ...context,
      database: {
        ...context.database,
        db: new Proxy({} as never, {
          get: () => {
            // As PostgreSQL says it: what was written stands in the detail.
            const message = `duplicate key value violates unique constraint of ${email}`;
            throw Object.assign(new Error(message), { detail: `Key (token)=(${token})` });
          },
        }),
      },
    });
    orThrow(await hw.workspaces.update({ settings: { referrals: { required: true } } }));
    const refusals = [
      await hw.invitations.create({ token, sign: true }),
      await hw.invitations.create({ emails: ['token-needle'] }),
      await hw.invitations.validate(token),
      await hw.invitations.validate(token, { signature: 'wrong' }),
      await hw.invitations.redeem(token, { entity, signature: invitation.signature! }),
      await hw.invitations.redeem(invitation, { entity, email: `other-${email}` }),
      await hw.invitations.track(`${token}-x`, { entity, action: 'visited' }),
      await hw.referrals.createCode({ code }),
      await hw.referrals.check({ code: `${code}-x` }),
      await hw.referrals.redeem(`${code}-x`, { entity }),
      await hw.gate.redeem({ account: { entity }, code: `${code}-x` }),
      await hw.waitlist.join({ email: token }),
      await hw.waitlist.position({ email: `x-${email}` }),
    ];
    expect(refusals.filter((refusal) => refusal.ok)).toEqual([]);
    const told = JSON.stringify(refusals).toLowerCase();
    expect(needles.filter((needle) => told.includes(needle.toLowerCase()))).toEqual([]);
    expect(await broken.gate.check({ entity, email })).toMatchObject({ reason: 'unavailable' });
    await expect(broken.invitations.validate(token)).rejects.toThrow('duplicate key');
    expect(context.logged).not.toEqual([]);
    const logged = context.logged.join('\n').toLowerCase();
    expect(needles.filter((needle) => logged.includes(needle.toLowerCase()))).toEqual([]);
  });
});
