import { describe, expect, it } from 'vitest';

import { createDashboard } from './dashboard.ts';

const found = async (path: string, basePath = '/hw'): Promise<boolean> =>
  (await createDashboard(basePath).find(path)) !== undefined;

describe('the addresses of the dashboard', () => {
  it('are the base path, the views and the files of the build', async () => {
    for (const path of ['/hw', '/hw/', '/hw/overview', '/hw/links/01980a4e', '/hw/icon.svg'])
      expect(await found(path), path).toBe(true);
    expect(await found('/ga/x/overview', '/ga/x')).toBe(true);
  });

  it('are no others, so the API, the beacons and short links keep their own answers', async () => {
    for (const path of [
      '/',
      '/overview',
      '/hwx',
      '/hw/api/links',
      '/hw/t/event',
      '/hw/js/headwater.js',
      '/hw/docs',
      '/hw/openapi.json',
      '/hw/views.json',
      '/hw/.vite/manifest.json',
      '/hw/../package.json',
      '/hw/assets/../index.html',
      '/hw/anything',
    ])
      expect(await found(path), path).toBe(false);
  });
});
