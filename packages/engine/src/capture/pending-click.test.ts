import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import type { IncomingEvent } from '../ingest/event.ts';
import { orThrow } from '../kernel/result.ts';
import { createClickRecorder } from './record-click.ts';
import { openSpool } from './spool.ts';

it('of somebody who was erased neither a click nor a prefetched one comes out of a spool', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'headwater-spool-'));
  await using context = await openTestContext('pglite');
  const people = await openNewPeople(context);
  const spool = await openSpool({ folder, logger: context.logger });
  try {
    await people.see('user:lea device:lea-cookie', 1);
    await people.see('device:max-cookie', 1);
    const click = (who: string): IncomingEvent =>
      people.incoming({ who, at: 2, type: 'link_click', more: { origin: 'redirect' } });
    const theirs = [click('device:lea-cookie'), click('device:lea-cookie')] as const;
    const others = [click('device:max-cookie'), click('device:max-cookie')] as const;
    for (const [committed, prefetched] of [theirs, others]) {
      await spool.append({ event: committed });
      await spool.append({ event: prefetched, pending: true });
    }
    orThrow(await people.hw.privacy.forget({ externalId: 'lea' }));
    const recorder = createClickRecorder(context, spool);
    expect(await spool.drain((entry) => recorder.replay(entry))).toBe(4);
    expect(spool.stats).toMatchObject({ waiting: 0, rejected: 0 });
    const rows = async (table: string) =>
      (
        await context.database.run<{ id: string }>(
          { name: '', text: `select id from headwater.${table} where workspace_id = $1` },
          [people.workspace.id],
        )
      ).map(({ id }) => id);
    expect(await rows('pending_click')).toEqual([others[1].id]);
    expect(await rows('event')).toContain(others[0].id);
    expect(await rows('event')).not.toContain(theirs[0].id);
  } finally {
    await spool.close();
    await rm(folder, { recursive: true });
  }
});
