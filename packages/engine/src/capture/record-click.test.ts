import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import type { IncomingEvent } from '../ingest/event.ts';
import { orThrow } from '../kernel/result.ts';
import { createLink } from '../links/create-link.ts';
import { createWorkspace } from '../workspaces/create-workspace.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { createClickRecorder } from './record-click.ts';
import { openSpool } from './spool.ts';
import type { Spool } from './spool.ts';

let context: TestContext;
let folder: string;
let spool: Spool;
beforeAll(async () => {
  context = await openTestContext('postgres');
  folder = await mkdtemp(join(tmpdir(), 'headwater-clicks-'));
  spool = await openSpool({ folder, logger: context.logger });
}, 60_000);
afterAll(async () => {
  await spool.close();
  await context[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function click(workspaceId: string, linkId?: string): IncomingEvent {
  const id = context.createId(context.clock.now());
  return {
    workspaceId,
    id,
    key: id,
    digest: '0000000000000000',
    type: 'link_click',
    occurredAt: context.clock.now(),
    origin: 'redirect',
    identifiers: [{ kind: 'visitor', value: id }],
    createsVisitor: true,
    ...(linkId !== undefined && { linkId }),
  };
}

async function makeLink(workspace: Workspace): Promise<string> {
  const input = { domain: 'go.example', key: 'stuck', url: 'https://example.com/' };
  return orThrow(await createLink(context, workspace, input)).id;
}

describe('createClickRecorder', () => {
  it('goes on committing the clicks of others while one workspace is stuck', async () => {
    const patient = createClickRecorder(
      { ...context, options: { ...context.options, clickPatience: { seconds: 10 } } },
      spool,
    );
    const stuck = await context.workspaces.first();
    const other = orThrow(await createWorkspace(context, { name: 'Other', slug: 'other' }));
    const linkId = await makeLink(stuck);
    await patient.record(click(stuck.id, linkId));

    const recorder = createClickRecorder(
      { ...context, options: { ...context.options, clickPatience: { milliseconds: 300 } } },
      spool,
    );
    const answers = await context.database.db.transaction().execute(async (tx) => {
      await tx
        .selectFrom('link_counter')
        .select('clicks')
        .where('workspace_id', '=', stuck.id)
        .where('link_id', '=', linkId)
        .forUpdate()
        .execute();
      for (let failure = 0; failure < 5; failure += 1) {
        expect(await recorder.record(click(stuck.id, linkId))).toBeUndefined();
      }
      const probing = recorder.record(click(stuck.id, linkId));
      const others = await Promise.all([
        patient.record(click(other.id)),
        recorder.record(click(other.id)),
      ]);
      return [await probing, ...others];
    });
    expect(answers.map((outcome) => outcome?.outcome)).toEqual([undefined, 'accepted', 'accepted']);
    expect(recorder.stats).toMatchObject({ committed: 1, spooled: 6, lost: 0 });
    await spool.drain((entry) => recorder.replay(entry));
    expect(spool.stats).toMatchObject({ waiting: 0, rejected: 0 });
  }, 30_000);

  it('puts a spooled click aside whose workspace is gone, and settles the others', async () => {
    const recorder = createClickRecorder(context, spool);
    const { id } = await context.workspaces.first();
    const before = spool.stats.drained;
    await spool.append({ event: click('01931f00-0000-7000-8000-0000000000ff') });
    await spool.append({ event: click(id) });
    await spool.drain((entry) => recorder.replay(entry));
    expect(spool.stats).toMatchObject({ waiting: 0, drained: before + 1, rejected: 1 });
  });
});
