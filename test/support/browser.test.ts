import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, it } from 'vitest';

import { launchBrowser } from './browser.ts';

describe('launchBrowser', () => {
  it('renders two sites that have this machine in common', async () => {
    const server = createServer((request, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.setHeader('set-cookie', `site=${request.headers.host?.split('.')[0]}`);
      response.end(`<h1 style="width: 50px; font: 16px sans-serif">Grüße</h1>`);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await using browser = await launchBrowser();
    const page = await browser.newPage();

    for (const site of ['shop', 'go']) {
      await page.goto(`http://${site}.test:${port}/`);
      expect(await page.evaluate(() => document.cookie)).toBe(`site=${site}`);
      const box = await page.getByRole('heading', { name: 'Grüße' }).boundingBox();
      expect(box?.height).toBeGreaterThan(10);
    }
    await expect(page.goto(`http://elsewhere.example:${port}/`)).rejects.toThrow(
      'NAME_NOT_RESOLVED',
    );

    server.closeAllConnections();
    server.close();
  });
});
