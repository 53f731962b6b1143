import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { day } from '../kernel/clock.ts';
import { createDailySalts } from './daily-salt.ts';
import type { DailySalts } from './daily-salt.ts';

const [one, two] = [
  '01931f00-0000-7000-8000-000000000001',
  '01931f00-0000-7000-8000-000000000002',
] as const;

describe('createDailySalts', () => {
  let context: TestContext;
  let salts: DailySalts;
  beforeAll(async () => {
    context = await openTestContext('pglite');
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());
  beforeEach(async () => {
    await deleteSalts();
    salts = createDailySalts(context);
  });

  const deleteSalts = () => context.database.db.deleteFrom('daily_salt').execute();
  const saltOf = async (workspaceId: string, at: number) =>
    Buffer.from(await salts.of(workspaceId, at)).toString('hex');

  it('has one salt for a workspace and a day, in every process', async () => {
    const at = context.clock.now();
    const salt = await saltOf(one, at);
    expect(salt).toHaveLength(64);
    expect(await saltOf(one, at)).toBe(salt);
    expect(await saltOf(two, at)).not.toBe(salt);
    const elsewhere = await createDailySalts(context).of(one, at);
    expect(Buffer.from(elsewhere).toString('hex')).toBe(salt);
  });

  it('asks the database once a day', async () => {
    const at = context.clock.now();
    const salt = await saltOf(one, at);
    await deleteSalts();
    expect(await saltOf(one, at)).toBe(salt);
  });

  it.each<[when: string, dayChanges: () => unknown]>([
    ['with the first question about any workspace', () => salts.of(two, context.clock.now())],
    ['where nobody asks, with the regular work', () => salts.forgetPast()],
  ])('remembers no salt of a day that is over: it goes %s', async (_when, dayChanges) => {
    const yesterday = context.clock.now();
    const salt = await saltOf(one, yesterday);
    context.clock.moveBy(day);
    await dayChanges();
    // Once it is deleted in the database nothing brings it back.
    await deleteSalts();
    expect(await saltOf(one, yesterday)).not.toBe(salt);
  });

  it('remembers nothing of yesterday either that it is asked for after midnight', async () => {
    context.clock.moveBy(day);
    const yesterday = context.clock.now() - day;
    const salt = await saltOf(one, yesterday);
    await deleteSalts();
    expect(await saltOf(one, yesterday)).not.toBe(salt);
  });
});
