import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { callApp } from '../../../../test/support/text-api.ts';
import { day } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import { createLibrary } from '../library.ts';
import type { Library } from '../library.ts';

const nowhere = '01900000-0000-7000-8000-000000000000';

describe.each(testDatabaseSizes)('the ledger on %s', (size) => {
  let context: TestContext;
  let hw: Library;
  let keys = 0;
  let users = 0;
  beforeAll(async () => {
    context = await openTestContext(size);
    await context.workspaces.first();
    hw = createLibrary(context);
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const newKey = () => `key-${(keys += 1)}`;
  const newUser = () => ['user', `user_${(users += 1)}`] as const;
  type Account = ReturnType<typeof newUser>;
  const give = async (account: Account, amountMinor: bigint, unit = 'USD', heldUntil?: Date) =>
    orThrow(
      await hw.ledger.adjust({ account, amountMinor, unit, heldUntil, idempotencyKey: newKey() }),
    ).entry;
  const balanceOf = async (account: Account, unit = 'USD') =>
    orThrow(await hw.ledger.balances(account)).find((balance) => balance.unit === unit);

  it('has a balance for each unit, the sum of its entries', async () => {
    const user = newUser();
    await give(user, 500n);
    await give(user, -200n);
    await give(user, 7n, 'JPY');
    await give(user, 1_001n, 'KWD');
    await give(user, 3n, 'credits');
    expect(orThrow(await hw.ledger.balances(user))).toEqual([
      { unit: 'JPY', balanceMinor: 7n, heldMinor: 0n, availableMinor: 7n, paidMinor: 0n },
      { unit: 'KWD', balanceMinor: 1_001n, heldMinor: 0n, availableMinor: 1_001n, paidMinor: 0n },
      { unit: 'USD', balanceMinor: 300n, heldMinor: 0n, availableMinor: 300n, paidMinor: 0n },
      { unit: 'credits', balanceMinor: 3n, heldMinor: 0n, availableMinor: 3n, paidMinor: 0n },
    ]);
    expect(orThrow(await hw.ledger.balances(['user', 'nobody']))).toEqual([]);
  });

  it('writes once for each key, and refuses another entry under it', async () => {
    const user = newUser();
    const input = { account: user, unit: 'USD', amountMinor: 5n, idempotencyKey: newKey() };
    const first = orThrow(await hw.ledger.adjust(input));
    expect(first).toMatchObject({ repeated: false, entry: { kind: 'adjustment' } });
    expect(orThrow(await hw.ledger.adjust(input))).toEqual({ ...first, repeated: true });
    for (const other of [
      { amountMinor: 6n },
      { unit: 'EUR' },
      { account: ['user', 'else'] as const },
    ])
      expect(await hw.ledger.adjust({ ...input, ...other })).toMatchObject({
        code: 'idempotency_conflict',
      });
    const { idempotencyKey } = input;
    expect(await hw.ledger.payOut({ account: user, unit: 'USD', idempotencyKey })).toMatchObject({
      code: 'idempotency_conflict',
    });
    expect((await balanceOf(user))?.balanceMinor).toBe(5n);
  });

  it('writes once however many ask with one key at the same time', async () => {
    const user = newUser();
    const input = { account: user, unit: 'USD', amountMinor: 5n, idempotencyKey: newKey() };
    const answers = await Promise.all(
      Array.from({ length: 8 }, async () => orThrow(await hw.ledger.adjust(input))),
    );
    expect(answers.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(new Set(answers.map(({ entry }) => entry.id)).size).toBe(1);
    expect((await balanceOf(user))?.balanceMinor).toBe(5n);
  });

  it('takes an entry back in parts, together never more than it was', async () => {
    const user = newUser();
    const entry = await give(user, 100n);
    const part = { amountMinor: 60n, idempotencyKey: newKey() };
    const reversed = orThrow(await hw.ledger.reverse(entry, part));
    expect(reversed.entry).toMatchObject({
      kind: 'reversal',
      amountMinor: -60n,
      reversesId: entry.id,
    });
    expect(orThrow(await hw.ledger.reverse(entry, part))).toEqual({ ...reversed, repeated: true });
    expect(
      await hw.ledger.reverse(entry, { amountMinor: 41n, idempotencyKey: newKey() }),
    ).toMatchObject({ code: 'reversal_too_large' });
    const rest = orThrow(await hw.ledger.reverse(entry));
    expect(rest.entry.amountMinor).toBe(-40n);
    // The whole was asked for again: it is the same reversal, and nothing is left for another.
    expect(orThrow(await hw.ledger.reverse(entry))).toEqual({ ...rest, repeated: true });
    expect(await hw.ledger.reverse(entry, { idempotencyKey: newKey() })).toMatchObject({
      code: 'entry_reversed',
    });
    expect(await hw.ledger.reverse(rest.entry)).toMatchObject({ code: 'entry_not_reversible' });
    expect(await hw.ledger.reverse(nowhere)).toMatchObject({ code: 'entry_not_found' });
    expect(await hw.ledger.reverse('no id')).toMatchObject({ code: 'entry_not_found' });
    expect((await balanceOf(user))?.balanceMinor).toBe(0n);
  });

  it('has at most one full reversal, however many ask at the same time', async () => {
    const user = newUser();
    const entry = await give(user, 100n);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        hw.ledger.reverse(entry, {
          amountMinor: index % 2 === 0 ? 100n : 50n,
          idempotencyKey: newKey(),
        }),
      ),
    );
    const taken = answers.filter((answer) => answer.ok).map(({ value }) => value.entry.amountMinor);
    expect(taken.reduce((sum, amount) => sum + amount, 0n)).toBe(-100n);
    expect((await balanceOf(user))?.balanceMinor).toBe(0n);
  });

  it('holds an entry until its time by the clock of the engine, and a reversal with it', async () => {
    const user = newUser();
    const until = new Date(context.clock.now() + 30 * day);
    const held = await give(user, 100n, 'USD', until);
    await give(user, 7n);
    expect(await balanceOf(user)).toMatchObject({
      balanceMinor: 107n,
      heldMinor: 100n,
      availableMinor: 7n,
    });
    orThrow(await hw.ledger.reverse(held, { amountMinor: 40n, idempotencyKey: newKey() }));
    expect(await balanceOf(user)).toMatchObject({ heldMinor: 60n, availableMinor: 7n });
    context.clock.moveBy(30 * day - 1);
    expect(await balanceOf(user)).toMatchObject({ heldMinor: 60n, availableMinor: 7n });
    context.clock.moveBy(1);
    expect(await balanceOf(user)).toMatchObject({ heldMinor: 0n, availableMinor: 67n });
  });

  it('pays out what is available and no more, and takes a payout back', async () => {
    const user = newUser();
    const payOut = (amountMinor?: bigint, idempotencyKey = newKey()) =>
      hw.ledger.payOut({ account: user, unit: 'USD', amountMinor, idempotencyKey });
    expect(await payOut()).toMatchObject({ code: 'insufficient_balance' });
    const earned = await give(user, 100n);
    await give(user, 50n, 'USD', new Date(context.clock.now() + day));
    expect(await payOut(101n)).toMatchObject({ code: 'insufficient_balance' });
    const key = newKey();
    const paid = orThrow(await payOut(undefined, key));
    expect(paid.entry).toMatchObject({ kind: 'payout', amountMinor: -100n });
    expect(orThrow(await payOut(undefined, key))).toEqual({ ...paid, repeated: true });
    expect(await payOut(1n)).toMatchObject({ code: 'insufficient_balance' });
    expect(await balanceOf(user)).toMatchObject({ availableMinor: 0n, paidMinor: 100n });
    // What was paid and is taken back is owed.
    orThrow(await hw.ledger.reverse(earned));
    expect(await balanceOf(user)).toMatchObject({ availableMinor: -100n, heldMinor: 50n });
    const returned = orThrow(await hw.ledger.reverse(paid.entry));
    expect(returned.entry).toMatchObject({ kind: 'payout_reversal', amountMinor: 100n });
    expect(await balanceOf(user)).toMatchObject({ availableMinor: 0n, paidMinor: 0n });
  });

  it('pays the last of an account to one of those who ask at the same time', async () => {
    const user = newUser();
    await give(user, 100n);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        hw.ledger.payOut({
          account: user,
          unit: 'USD',
          amountMinor: 60n,
          idempotencyKey: newKey(),
        }),
      ),
    );
    expect(answers.filter((answer) => answer.ok)).toHaveLength(1);
    expect((await balanceOf(user))?.availableMinor).toBe(40n);
  });

  it.each([
    ['account', { account: ['User', 'a'] }],
    ['account', { account: ['visitor', 'no uuid'] }],
    ['unit', { unit: 'usd!' }],
    ['unit', { unit: 'XXX' }],
    ['amountMinor', { amountMinor: 0n }],
    ['amountMinor', { amountMinor: 5 }],
    ['amountMinor', { amountMinor: 10n ** 15n + 1n }],
    ['idempotencyKey', { idempotencyKey: '' }],
    ['idempotencyKey', { idempotencyKey: undefined }],
    ['description', { description: '\0' }],
    ['heldUntil', { heldUntil: new Date('no time') }],
  ] as Array<[field: string, wrong: object]>)('refuses a wrong %s', async (field, wrong) => {
    const input = { account: ['user', 'a'], unit: 'USD', amountMinor: 1n, idempotencyKey: 'k' };
    expect(await hw.ledger.adjust({ ...input, ...wrong } as never)).toMatchObject({
      code: 'validation_failed',
      errors: { [field]: [expect.any(String)] },
    });
  });

  it('lists the entries of an account newest first, page by page', async () => {
    const user = newUser();
    const made = [];
    for (const amount of [1n, 2n, 3n, 4n, 5n]) made.push((await give(user, amount)).id);
    const seen: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = orThrow(await hw.ledger.entries({ account: user, limit: 2, cursor }));
      seen.push(...page.entries.map(({ id }) => id));
      cursor = page.nextCursor;
      if (cursor === undefined) break;
    }
    expect(seen).toEqual(made.toReversed());
    expect(await hw.ledger.entries({ cursor: 'nonsense' })).toMatchObject({
      code: 'invalid_query',
    });
    expect(await hw.ledger.get(made[0]!)).toMatchObject({ amountMinor: 1n });
    expect(await hw.ledger.get(nowhere)).toBeUndefined();
  });

  it('is answered over HTTP and exported as CSV', async () => {
    const workspace = await context.workspaces.first();
    const api = await openApi(context, workspace);
    const account = { type: 'partner', id: 'p-1' };
    const input = { account, unit: 'EUR', amount: 1_250, idempotency_key: newKey() };
    const made = await api<{ entry: { id: string } }>('POST', '/ledger/adjustments', input);
    expect(made).toMatchObject({ status: 201, body: { repeated: false } });
    expect(await api('POST', '/ledger/adjustments', input)).toMatchObject({ status: 200 });
    expect(await api('POST', '/ledger/adjustments', { ...input, amount: 0 })).toMatchObject({
      status: 422,
      body: { errors: { amount: [expect.any(String)] } },
    });
    const { id } = made.body.entry;
    const part = { amount: 250, idempotency_key: newKey() };
    expect((await api('POST', `/ledger/entries/${id}/reverse`, part)).status).toBe(201);
    const payout = { account, unit: 'EUR', idempotency_key: newKey() };
    expect(await api('POST', '/ledger/payouts', payout)).toMatchObject({
      status: 201,
      body: { entry: { amount: -1_000, kind: 'payout' } },
    });
    const asked = 'account_type=partner&account_id=p-1';
    expect((await api('GET', `/ledger/balances?${asked}`)).body).toEqual([
      { unit: 'EUR', balance: 0, held: 0, available: 0, paid: 1_000 },
    ]);
    expect((await api<unknown[]>('GET', `/ledger/entries?${asked}`)).body).toHaveLength(3);
    expect((await api('GET', `/ledger/entries/${id}`)).status).toBe(200);
    expect((await api('GET', `/ledger/entries/${nowhere}`)).status).toBe(404);
    const csv = await callApp(context, api.key, `/ledger/entries/export?${asked}`);
    const [header, ...lines] = csv.trim().split('\r\n');
    expect(header).toBe(
      'id,account_type,account_id,unit,amount,kind,held_until,reverses_id,reference_type,reference_id,description,occurred_at,recorded_at',
    );
    expect(lines.map((line) => line.split(',').slice(1, 6).join(' '))).toEqual([
      'partner p-1 EUR 1250 adjustment',
      'partner p-1 EUR -250 reversal',
      'partner p-1 EUR -1000 payout',
    ]);
    const ndjson = await callApp(context, api.key, `/ledger/entries/export?${asked}&format=ndjson`);
    expect(ndjson.trim().split('\n')).toHaveLength(3);
  });

  it('keeps the sums of who is forgotten, and takes no more entries of them', async () => {
    const user = ['user', 'to_forget'] as const;
    orThrow(await hw.visitors.identify({ externalId: 'to_forget', email: 'f@people.test' }));
    const input = { account: user, unit: 'USD', amountMinor: 500n, idempotencyKey: newKey() };
    const { entry } = orThrow(await hw.ledger.adjust({ ...input, description: 'for to_forget' }));
    orThrow(await hw.privacy.forget({ externalId: 'to_forget' }));
    expect(await hw.ledger.get(entry.id)).toMatchObject({
      account: { type: 'user', id: undefined },
      description: null,
      amountMinor: 500n,
    });
    expect((await balanceOf(user as never))?.balanceMinor).toBe(500n);
    expect(await hw.ledger.adjust({ ...input, idempotencyKey: newKey() })).toMatchObject({
      code: 'visitor_erased',
    });
  });

  it.runIf(size === 'postgres')('commits and rolls back with the host', async () => {
    const client = new pg.Client({ connectionString: context.url });
    await client.connect();
    const user = newUser();
    const input = { account: user, unit: 'USD', amountMinor: 5n, idempotencyKey: newKey() };
    await client.query('begin');
    orThrow(await hw.ledger.adjust(input, { tx: client }));
    expect(await balanceOf(user)).toBeUndefined();
    await client.query('rollback');
    await client.query('begin');
    expect(orThrow(await hw.ledger.adjust(input, { tx: client })).repeated).toBe(false);
    await client.query('commit');
    await client.end();
    expect((await balanceOf(user))?.balanceMinor).toBe(5n);
  });
});
