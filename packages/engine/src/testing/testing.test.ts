import { describe, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import { createTestHeadwater } from './index.ts';

describe('createTestHeadwater', () => {
  // Of the processor, because what else the machine does is nobody's fault.
  it('starts in under 300 ms after the first, each with tables of its own', async () => {
    {
      await using first = await createTestHeadwater();
      orThrow(await first.visitors.identify({ externalId: 'cust_1' }));
    }
    const times: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const start = process.cpuUsage();
      await using hw = await createTestHeadwater();
      const { user, system } = process.cpuUsage(start);
      times.push((user + system) / 1_000);
      expect(await hw.visitors.getByExternalId('cust_1')).toBeUndefined();
      orThrow(await hw.visitors.identify({ externalId: 'cust_1' }));
    }
    expect(Math.min(...times)).toBeLessThan(300);
  }, 60_000);

  it('keeps engines that are open at the same time apart', async () => {
    await using one = await createTestHeadwater();
    await using other = await createTestHeadwater();
    orThrow(await one.visitors.identify({ externalId: 'cust_1' }));
    expect(await other.visitors.getByExternalId('cust_1')).toBeUndefined();
  });

  it('has a clock to move, and fixtures', async () => {
    await using hw = await createTestHeadwater({ links: { domains: ['go.test'] } });
    const { valid, expired, permanent } = await hw.fixtures.invitations();
    const codeOf = async (token: string): Promise<string> => {
      const read = await hw.invitations.validate(token);
      return read.ok ? 'good' : read.code;
    };
    const all = [valid, expired, permanent];
    const codes = () => Promise.all(all.map(({ token }) => codeOf(token)));
    expect(await codes()).toEqual(['good', 'invitation_expired', 'good']);
    hw.clock.advance({ days: 8 });
    expect(await codes()).toEqual(['invitation_expired', 'invitation_expired', 'good']);

    const { id, cookie } = await hw.fixtures.visitor('cust_1');
    const link = await hw.fixtures.link();
    await hw.handler(
      new Request(hw.links.shortUrl(link), {
        headers: { cookie, 'user-agent': 'Mozilla/5.0 Firefox/140.0' },
      }),
    );
    await hw.events.flush();
    expect(orThrow(await hw.links.stats(link.id))).toMatchObject({ clicks: 1 });
    expect(orThrow(await hw.visitors.timeline(id)).events[0]).toMatchObject({ type: 'link_click' });
    expect((await hw.fixtures.referralCode('cust_1')).creatorId).toBe('cust_1');
    const answer = await hw.handler(
      new Request('https://app.test/hw/api/links', {
        headers: { authorization: `Bearer ${await hw.fixtures.apiKey('read')}` },
      }),
    );
    expect(answer.status).toBe(200);
  });
});
