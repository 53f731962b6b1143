import { orThrow } from 'headwater';
import { createTestHeadwater } from 'headwater/testing';
import type { TestHeadwater } from 'headwater/testing';

export interface Mounted extends Known {
  readonly hw: TestHeadwater;
}

/** What is known of an engine that runs elsewhere. */
export interface Known {
  readonly key: string;
  readonly invitation: string;
  readonly hw?: TestHeadwater;
}

/** An engine under a base path of its own, behind one proxy. */
export async function openMounted(): Promise<Mounted> {
  const hw = await createTestHeadwater({
    basePath: '/hw',
    trustProxy: 1,
    links: { domains: ['shop.test'] },
  });
  const { key } = orThrow(await hw.apiKeys.create({ kind: 'secret', name: 'mounted' }));
  const { token } = orThrow(await hw.invitations.create({ name: 'Friends' }));
  orThrow(
    await hw.links.create({ domain: 'shop.test', key: 'launch', url: 'https://shop.test/about' }),
  );
  // The application has a page of this name: its page wins.
  orThrow(
    await hw.links.create({ domain: 'shop.test', key: 'about', url: 'https://example.com/' }),
  );
  return { hw, key, invitation: token };
}
