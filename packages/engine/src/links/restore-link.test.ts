import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';
import type { LinkInput } from './create-link.ts';

const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' };

describe('restoring a link', () => {
  let hw: TestHeadwater;
  let key: string;
  beforeAll(async () => {
    hw = await createTestHeadwater({ links: { domains: ['mybrand.link'] } });
    key = orThrow(await hw.apiKeys.create({ kind: 'secret', name: 'Restore' })).key;
  }, 30_000);
  afterAll(() => hw.close());

  const create = async (input: Partial<LinkInput>) =>
    orThrow(await hw.links.create({ url: 'https://example.com/', ...input }));
  const follow = async (path: string): Promise<number> =>
    (await hw.handler(new Request(`https://mybrand.link${path}`, { headers: browser }))).status;
  const restore = (id: string, headers = {}) =>
    hw.handler(
      new Request(`https://mybrand.link/hw/api/links/${id}/restore`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, ...headers },
      }),
    );

  it('serves it again, with its counters, key and external id', async () => {
    const link = await create({ key: 'back', externalId: 'back-1' });
    expect(await follow('/back')).toBe(302);
    orThrow(await hw.links.archive(link.id));
    expect(await follow('/back')).toBe(404);

    hw.clock.advance({ hours: 1 });
    const answer = await restore(link.id);
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { id: link.id, archived_at: null, external_id: 'back-1', total_clicks: 1 },
    ]);
    expect(await follow('/back')).toBe(302);
    expect(await hw.links.getByExternalId('back-1')).toMatchObject({
      id: link.id,
      updatedAt: new Date(hw.clock.now()),
    });
  });

  it('changes nothing about a link that is in service', async () => {
    const link = await create({ key: 'never-gone' });
    hw.clock.advance({ hours: 1 });
    expect(orThrow(await hw.links.restore(link.id))).toEqual(await hw.links.get(link.id));
    expect(await hw.links.get(link.id)).toMatchObject({ updatedAt: link.updatedAt });
  });

  it('refuses where its key or its external id is taken meanwhile', async () => {
    for (const [taken, code, field] of [
      [{ key: 'contested' }, 'link_key_taken', 'key'],
      [{ externalId: 'contested-1' }, 'external_id_taken', 'external_id'],
    ] as const) {
      const link = await create(taken);
      orThrow(await hw.links.archive(link.id));
      const rival = await create(taken);
      const refused = await restore(link.id, { 'idempotency-key': `restore ${code}` });
      expect([refused.status, await refused.json()]).toMatchObject([
        409,
        { code, errors: { [field]: ['is taken'] } },
      ]);
      expect(await hw.links.get(link.id)).toMatchObject({ archivedAt: expect.any(Date) });

      orThrow(await hw.links.archive(rival.id));
      expect((await restore(link.id, { 'idempotency-key': `restore ${code}` })).status).toBe(200);
    }
  });

  it('finds links of its workspace only', async () => {
    const other = orThrow(await hw.workspaces.create({ name: 'Other' }));
    const theirs = orThrow(
      await hw.links.create(
        { domain: 'their.link', url: 'https://example.com/' },
        { workspaceId: other.id },
      ),
    );
    for (const id of [theirs.id, '01900000-0000-7000-8000-000000000000']) {
      const refused = await restore(id);
      expect([refused.status, await refused.json()]).toMatchObject([
        404,
        { code: 'link_not_found' },
      ]);
    }
  });
});
