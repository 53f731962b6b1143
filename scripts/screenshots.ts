// `npm run screenshots`: every view, light, dark and on a phone, on a server with simulated data. The pictures go to
// `screenshots/`, which is not kept: they are to be looked at. With `--readme` those of the documents are taken instead.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { dashboardViews, openDashboard, settled } from '../test/support/dashboard.ts';

const looks = {
  light: { colorScheme: 'light', viewport: { width: 1360, height: 900 } },
  dark: { colorScheme: 'dark', viewport: { width: 1360, height: 900 } },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 844 } },
} as const;

/** What the documents show, as a window of that look shows it. */
const documented: Readonly<Record<string, keyof typeof looks>> = {
  overview: 'light',
  attribution: 'dark',
  'visitor-path': 'light',
  connector: 'dark',
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { readme: { type: 'boolean' } },
});
const [given, only] = positionals;
const root = join(import.meta.dirname, '..');
const folder = values.readme ? join(root, 'docs', 'pictures') : join(root, 'screenshots');
const data = given ?? (await mkdtemp(join(tmpdir(), 'headwater-screenshots-')));
await mkdir(folder, { recursive: true });
{
  await using dashboard = await openDashboard({ folder: data, visitors: 500 });
  const views = await dashboardViews(dashboard);
  for (const [look, settings] of Object.entries(looks)) {
    const page = await dashboard.newPage(settings);
    for (const [name, path] of Object.entries(views)) {
      if (only !== undefined && !name.startsWith(only)) continue;
      if (values.readme && documented[name] !== look) continue;
      await page.goto(dashboard.address + path);
      await settled(page);
      const file = values.readme ? `${name}.png` : `${name}-${look}.png`;
      await page.screenshot({ path: join(folder, file), fullPage: values.readme !== true });
    }
    await page.close();
  }
}
if (given === undefined) await rm(data, { recursive: true });
