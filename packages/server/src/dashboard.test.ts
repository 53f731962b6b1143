import { describe, expect, it } from 'vitest';

import { createDashboard } from './dashboard.ts';

const isFound = async (path: string, basePath = '/hw'): Promise<boolean> =>
  (await createDashboard(basePath).find(path)) !== undefined;

describe('the addresses of the dashboard', () => {
  it.each(['/hw', '/hw/', '/hw/overview', '/hw/links/01980a4e', '/hw/icon.svg'])(
    'have %s among them, because it is the page, a view or a file of the build',
    async (path) => {
      expect(await isFound(path)).toBe(true);
    },
  );

  it('are below any base path', async () => {
    expect(await isFound('/ga/x/overview', '/ga/x')).toBe(true);
    expect(await isFound('/hw/overview', '/ga/x')).toBe(false);
  });

  it.each([
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
  ])('leave %s to whoever answers it otherwise', async (path) => {
    expect(await isFound(path)).toBe(false);
  });
});
