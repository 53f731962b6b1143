import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { launchBrowser } from '../support/browser.ts';
import { startServer } from './server-process.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-pages-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the pages of the server', () => {
  it(
    'work in a browser under their own policy, without anything from elsewhere',
    { timeout: 90_000 },
    async () => {
      await using server = await startServer({ HEADWATER_DATA: folder });
      await using browser = await launchBrowser();
      const page = await browser.newPage();
      const complaints: string[] = [];
      const elsewhere: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => {
        if (!request.url().startsWith(server.origin) && !request.url().startsWith('data:'))
          elsewhere.push(request.url());
      });

      await page.goto(`${server.origin}/`);
      await page.getByRole('link', { name: 'The API' }).click();
      await page.getByRole('heading', { name: /^Headwater/ }).waitFor();
      await page.locator('.opblock-summary-path', { hasText: '/links' }).first().waitFor();
      await page.getByRole('button', { name: 'Authorize' }).click();
      await page.getByLabel('bearer-value').fill(server.secretKey!);
      await page.getByRole('button', { name: 'Apply credentials' }).first().click();
      await page.getByRole('button', { name: 'Close' }).first().click();
      const listLinks = page.locator('.opblock-get', { hasText: '/links' }).first();
      await listLinks.click();
      await listLinks.getByRole('button', { name: 'Try it out' }).click();
      await listLinks.getByRole('button', { name: 'Execute' }).click();
      await listLinks
        .locator('.live-responses-table .response-col_status', { hasText: '200' })
        .waitFor();

      expect(complaints).toEqual([]);
      expect(elsewhere).toEqual([]);
    },
  );
});
