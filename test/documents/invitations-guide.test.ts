/** docs/invitations.md, docs/referrals.md and docs/gate.md: their examples from top to bottom. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { orThrow } from 'headwater';
import { createTestHeadwater } from 'headwater/testing';
import { expect, it } from 'vitest';

import { openTestPool } from '../support/pool.ts';

function examplesOf(page: string): string {
  const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', page), 'utf8');
  return [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code).join('\n');
}

it('runs every example of docs/invitations.md', async () => {
  await using application = await openTestPool();
  const { pool } = application;
  const hw = await createTestHeadwater({
    database: { pool },
    invitations: { signingSecret: 'test-secret' },
  });
  const run = new AsyncFunction(
    'hw',
    'orThrow',
    'pool',
    `${examplesOf('invitations.md')}\nreturn { invitation, shown, landing, redemption, again, usages, entities, hasActivated, steps, plans, permanent, archived };`,
  );
  const made = await run(hw, orThrow, pool);
  expect(made).toMatchObject({
    shown: { ok: false, code: 'invalid_signature' },
    landing: { invitation: { ok: true, value: { attributes: { role: 'manager' } } } },
    redemption: { entity: { type: 'user', id: 'user_2' }, status: 'active' },
    again: { ok: false, code: 'duplicate_usage' },
    usages: [{ action: 'activated' }, { action: 'registered' }],
    hasActivated: true,
    plans: {},
    permanent: { expiresAt: null },
    archived: 0,
  });
  expect((made as { entities: unknown[] }).entities).toHaveLength(2);
  expect((await pool.query('select role from account')).rows).toEqual([{ role: 'manager' }]);
  const visitor = await hw.visitors.getByExternalId('user_2');
  const { path } = orThrow(await hw.visitors.attribution(visitor!.id));
  expect(path).toMatchObject([{ kind: 'referral', source: 'invitation' }]);
  await hw.close();
});

it('runs every example of docs/referrals.md', async () => {
  await using hw = await createTestHeadwater();
  const run = new AsyncFunction(
    'hw',
    'orThrow',
    `${examplesOf('referrals.md')}\nreturn { code, random, typed, wrong, second, referrals, stats, hasRedeemed, leaders, totals, rewards, balances, entries };`,
  );
  expect(await run(hw, orThrow)).toMatchObject({
    code: { code: 'WELCOME2024' },
    typed: { ok: true, value: { code: 'WELCOME2024' } },
    wrong: { ok: false, code: 'code_unusable' },
    second: { ok: false, code: 'already_redeemed' },
    referrals: [{ referrer: { id: 'user_1' }, referee: { id: 'user_2' } }],
    stats: { totalUses: 1, uniqueUsers: 1, recentUsers: ['user_2'] },
    hasRedeemed: true,
    leaders: [{ referrer: { id: 'user_1' }, referrals: 1 }],
    totals: { codes: 2, validCodes: 2, codesWithUses: 1, redemptions: 1 },
    rewards: [{ side: 'referrer', status: 'held', netMinor: 998n, unit: 'EUR' }],
    balances: [
      { unit: 'EUR', balanceMinor: 998n, heldMinor: 998n, availableMinor: 0n, paidMinor: 0n },
    ],
    entries: [
      { kind: 'payout_reversal', amountMinor: 2500n },
      { kind: 'payout', amountMinor: -2500n },
      { kind: 'adjustment', amountMinor: 2500n },
      { kind: 'earning', amountMinor: 998n },
    ],
  });
});

it('runs every example of docs/gate.md', async () => {
  await using hw = await createTestHeadwater();
  const run = new AsyncFunction(
    'hw',
    'orThrow',
    `${examplesOf('gate.md')}\nreturn { gate, parked, entered, admitted, first, moved, invited, tokens, entries, left };`,
  );
  expect(await run(hw, orThrow)).toMatchObject({
    gate: { required: true, grandfather: true, since: new Date(hw.clock.now()) },
    parked: { admitted: false, reason: 'parked' },
    entered: { ok: false, code: 'code_unusable' },
    admitted: { admitted: true, by: 'admission', admission: { via: 'code' } },
    first: { position: 1, waiting: 1, repeated: false },
    moved: { position: 1, waiting: 4 },
    invited: [{ entry: { email: 'cyd@example.com' } }, { entry: { email: 'ann@example.com' } }],
    tokens: [expect.stringContaining('invitation_token='), expect.any(String)],
    entries: [{ email: 'bob@example.com' }, { email: 'dan@example.com' }],
    left: { status: 'left', email: undefined },
  });
});

const AsyncFunction = (async () => undefined).constructor as new (
  ...parameters: string[]
) => (...values: unknown[]) => Promise<unknown>;
