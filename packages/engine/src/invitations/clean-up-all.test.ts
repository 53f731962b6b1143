import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
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
    const invitations = [];
    for (const there of spaces)
      for (const expiresIn of [{ hours: 1 }, null])
        invitations.push({
          there,
          expiresIn,
          ...orThrow(await hw.invitations.create({ expiresIn }, there)),
        });
    hw.clock.advance({ days: 15 });
    await hw.start();
    const isArchived = async ({ id, there }: (typeof invitations)[number]) =>
      (await hw.invitations.get(id, there))?.archivedAt !== null;
    await expect.poll(() => isArchived(invitations[0]!), { timeout: 10_000 }).toBe(true);
    // The workspaces are seen to one after the other.
    await new Promise((resolve) => setTimeout(resolve, 600));
    const archived = await Promise.all(invitations.map(isArchived));
    expect(archived).toEqual([true, false, false, false, false, false]);
  });
});
