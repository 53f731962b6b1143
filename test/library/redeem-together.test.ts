import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { orThrow } from 'headwater';
import { createTestHeadwater } from 'headwater/testing';
import { expect, it } from 'vitest';

import { openTestPool } from '../support/pool.ts';

const processes = 4;
const users = 200;
const seats = 50;

it('gives exactly 50 of 50 seats to 200 who redeem at once, in four processes on one PostgreSQL', async () => {
  await using application = await openTestPool();
  await using hw = await createTestHeadwater({ database: { pool: application.pool } });
  const code = orThrow(await hw.referrals.createCode({ code: 'FIFTY', usesMax: seats }));
  const each = users / processes;
  const children = Array.from({ length: processes }, (_, index) =>
    start(application.url, code.code, String(index * each), String(each)),
  );
  await Promise.all(children.map((child) => answerOf(child)));
  const told = children.map((child) => answerOf(child));
  for (const child of children) child.send('go');
  const answers = (await Promise.all(told)).flat() as string[];

  expect(answers).toHaveLength(users);
  expect(answers.filter((answer) => answer === 'redeemed')).toHaveLength(seats);
  expect(new Set(answers)).toEqual(new Set(['redeemed', 'code_exhausted']));
  expect((await hw.referrals.getCode(code.id))?.uses).toBe(seats);
  const { rows } = await application.pool.query<{ people: string; rows: string }>(
    "select count(distinct entity_key) as people, count(*) as rows from headwater.redemption where status = 'active'",
  );
  expect(rows).toEqual([{ people: String(seats), rows: String(seats) }]);
}, 120_000);

function start(...args: readonly string[]): ChildProcess {
  const script = join(import.meta.dirname, 'redeem-together.ts');
  return fork(script, args, { execArgv: ['--conditions=headwater-source'] });
}

/** The next message, or the failure of the process. */
async function answerOf(child: ChildProcess): Promise<unknown> {
  const [message] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`The process ended with ${String(code)}.`);
    }),
  ])) as [unknown];
  return message;
}
