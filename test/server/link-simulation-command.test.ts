import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createHeadwater, orThrow } from 'headwater';
import { afterAll, expect, it } from 'vitest';

import { runCommand } from './server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'headwater-links-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const variables = { HEADWATER_DATA: join(folder, 'data') };
const simulate = (...args: string[]) => runCommand(['links', 'simulate', ...args], variables);

it('headwater links simulate says where a request goes and why', async () => {
  expect((await runCommand(['migrate'], variables)).code).toBe(0);
  const hw = await createHeadwater({ database: { folder: variables.HEADWATER_DATA } });
  const link = orThrow(
    await hw.links.create({
      domain: 'go.test',
      key: 'sale',
      url: 'https://shop.test/',
      routing: {
        version: 1,
        rules: [
          {
            name: 'Germany',
            when: [{ kind: 'country', in: ['DE'] }],
            url: 'https://shop.test/de',
          },
        ],
      },
    }),
  );
  orThrow(
    await hw.links.create({ domain: 'go.test', key: 'u/:name', url: 'https://shop.test/{name}' }),
  );
  await hw.close();

  const german = await simulate('go.test/sale', '--country', 'DE');
  expect(german.stdout).toContain('destination: https://shop.test/de');
  const french = await simulate(link.id, '--country', 'FR', '--json');
  expect(JSON.parse(french.stdout)).toMatchObject({
    location: 'https://shop.test/',
    rule: null,
    steps: [{ step: 'rule', decided: false }, { step: 'destination' }],
  });
  expect((await simulate('go.test/u/ann')).stdout).toContain('https://shop.test/ann');
  expect((await simulate('go.test/nothing')).code).toBe(1);
  expect((await simulate(link.id, '--visitor', 'rich')).code).toBe(2);
}, 180_000);
