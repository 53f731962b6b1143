// `npm run screenshots`: every view, light, dark and on a phone, on a server with simulated data. The pictures go to
// `screenshots/`, which is not kept: they are to be looked at.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { dashboardViews, openDashboard, settled } from '../test/support/dashboard.ts';

const looks = {
  light: { colorScheme: 'light', viewport: { width: 1360, height: 900 } },
  dark: { colorScheme: 'dark', viewport: { width: 1360, height: 900 } },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 844 } },
} as const;

const [given, only] = process.argv.slice(2);
const folder = join(import.meta.dirname, '..', 'screenshots');
const data = given ?? (await mkdtemp(join(tmpdir(), 'headwater-screenshots-')));
await mkdir(folder, { recursive: true });
{
  await using dashboard = await openDashboard({ folder: data, visitors: 500 });
  const views = await dashboardViews(dashboard);
  for (const [look, settings] of Object.entries(looks)) {
    const page = await dashboard.newPage(settings);
    for (const [name, path] of Object.entries(views)) {
      if (only !== undefined && !name.startsWith(only)) continue;
      await page.goto(dashboard.address + path);
      await settled(page);
      await page.screenshot({ path: join(folder, `${name}-${look}.png`), fullPage: true });
    }
    await page.close();
  }
}
if (given === undefined) await rm(data, { recursive: true });
