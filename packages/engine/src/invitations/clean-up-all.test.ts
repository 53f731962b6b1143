import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Period } from '../kernel/period.ts';
import { orThrow } from '../kernel/result.ts';
import type { InWorkspace } from '../library-scope.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';

describe('the daily work of an engine', () => {
  let hw: TestHeadwater;
  beforeAll(async () => {
    hw = await createTestHeadwater({ invitations: { cleanUpAfter: { days: 10 } } });
  }, 30_000);
  afterAll(() => hw.close());

  it('archives what has expired for as long as each workspace says, and never what has no end', async () => {
    const spaces = await Promise.all(
      [undefined, { days: 20 }, null].map(async (cleanUpAfter, index) => {
        const settings = cleanUpAfter === undefined ? {} : { invitations: { cleanUpAfter } };
        const made = await hw.workspaces.create({ name: `Space ${index}`, settings });
        return { workspaceId: orThrow(made).id };
      }),
    );
    const create = async (there: InWorkspace, expiresIn: Period | null) => ({
      there,
      id: orThrow(await hw.invitations.create({ expiresIn }, there)).id,
    });
    const expiring = await Promise.all(spaces.map((there) => create(there, { hours: 1 })));
    const permanent = await Promise.all(spaces.map((there) => create(there, null)));
    hw.clock.advance({ days: 15 });
    await hw.start();
    const archived = async (of: typeof expiring) => {
      const found = await Promise.all(of.map(({ id, there }) => hw.invitations.get(id, there)));
      return found.map((invitation) => invitation?.archivedAt !== null);
    };
    await expect.poll(() => archived(expiring), { timeout: 10_000 }).toEqual([true, false, false]);
    // The workspaces are seen to one after the other.
    await new Promise((resolve) => {
      setTimeout(resolve, 600);
    });
    expect(await archived([...expiring, ...permanent])).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
