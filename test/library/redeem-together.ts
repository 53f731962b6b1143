/**
 * One process of several that redeem a code at the same time.
 * Arguments: the database, the code, the first user, how many users. It begins when its parent says so, and answers how
 * each was told.
 */
import { createHeadwater } from 'headwater';
import { testSecret } from 'headwater/testing';

const [url = '', code = '', first = '', count = ''] = process.argv.slice(2);
const hw = await createHeadwater({ secret: testSecret, database: { url } });
await hw.referrals.totals();
process.send?.('ready');
// Whoever started it is gone.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
await new Promise((resolve) => process.once('message', resolve));
const answers = await Promise.all(
  Array.from({ length: Number(count) }, async (_, index) =>
    redeem(`user_${Number(first) + index}`),
  ),
);
await hw.close();
process.removeAllListeners('disconnect');
process.send?.(answers);
process.disconnect();

/** Again under the same key where no connection came free in time, as on a machine with other work: it counts once. */
async function redeem(user: string): Promise<string> {
  for (;;) {
    try {
      const entity = ['user', user] as const;
      const answer = await hw.referrals.redeem(code, { entity, idempotencyKey: user });
      return answer.ok ? 'redeemed' : answer.code;
    } catch (error) {
      const { message } = error as Error;
      if (!message.startsWith('timeout exceeded when trying to connect')) throw error;
    }
  }
}
