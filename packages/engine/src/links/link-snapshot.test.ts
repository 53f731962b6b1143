import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { loadSnapshot, saveSnapshot } from './link-snapshot.ts';
import { prepareRedirectLink, toStoredRedirectLink } from './redirect-link.ts';

const link = prepareRedirectLink({
  workspaceId: '01900000-0000-7000-8000-000000000001',
  id: '01900000-0000-7000-8000-000000000002',
  domain: 'mybrand.link',
  key: 'launch',
  linkType: 'short',
  partnerId: null,
  url: 'https://example.com/größe?a=1#top',
  iosUrl: 'myapp://pricing',
  androidUrl: null,
  geoTargeting: { DE: 'https://example.de/' },
  utmSource: 'twitter',
  utmMedium: null,
  utmCampaign: null,
  utmContent: null,
  utmTerm: null,
  expiresAt: 1_800_000_000_000,
});

describe('saveSnapshot', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'headwater-snapshot-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('keeps what a redirect needs', async () => {
    expect(await saveSnapshot(folder, [link, { ...link, key: 'other' }])).toBe(2);
    expect(await loadSnapshot(folder)).toEqual([link, { ...link, key: 'other' }]);
  });

  it('replaces the one before as a whole', async () => {
    await saveSnapshot(folder, [link, link]);
    await Promise.all([saveSnapshot(folder, [link]), saveSnapshot(folder, [link])]);
    expect(await loadSnapshot(folder)).toEqual([link]);
    expect(await readdir(folder)).toEqual(['links.ndjson']);
  });

  it('reads what a version without targets by country has written', async () => {
    const before = { ...toStoredRedirectLink(link), geoTargeting: undefined };
    await writeFile(join(folder, 'links.ndjson'), `${JSON.stringify(before)}\n`);
    const [read] = await loadSnapshot(folder);
    expect(read?.destination).toEqual(link.destination);
    expect(read?.geoDestinations).toBeUndefined();
  });

  it('has no links where there is no file, and leaves out what cannot be read', async () => {
    expect(await loadSnapshot(join(folder, 'nowhere'))).toEqual([]);
    await saveSnapshot(folder, [link]);
    await appendFile(join(folder, 'links.ndjson'), '{"url":42}\n{"torn');
    expect(await loadSnapshot(folder)).toEqual([link]);
  });
});
