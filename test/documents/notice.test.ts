import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const attribution = ['Number Resource Organization', 'https://www.nro.net/', 'licenses/by/4.0/'];

describe('the database of countries', () => {
  const manifest = createRequire(join(root, 'packages/engine/package.json')).resolve(
    '@ip-location-db/geo-whois-asn-country-mmdb/package.json',
  );
  const plain = (text: string): string => text.replaceAll(/[*[\]]|\(http[^)]*\)|\s+/g, ' ');
  const words = (text: string): string => plain(text).replaceAll(/ +/g, ' ').trim();
  const file = (name: string): string => words(readFileSync(join(dirname(manifest), name), 'utf8'));

  it('says of itself what docs/places.md says', () => {
    const { version, license } = JSON.parse(readFileSync(manifest, 'utf8')) as {
      version: string;
      license: string;
    };
    const places = words(read('docs/places.md'));
    expect(places).toContain(`(version ${version})`);
    expect(places).toContain(`"license": "${license}"`);
    expect(file('README.md')).toContain('CC BY 4.0 by NRO');
    expect(file('README.md').split('Data source licensed under CC BY 4.0 by the NRO')).toHaveLength(
      3,
    );
    const lines = readFileSync(join(dirname(manifest), 'NRO_LICENSE'), 'utf8')
      .trim()
      .split('\n');
    expect(lines).toHaveLength(3);
    expect(lines.filter((line) => !places.includes(`"${line.trim()}"`))).toEqual([]);
  });

  it.each(['docs/places.md', 'packages/engine/NOTICE', 'packages/server/NOTICE'])(
    'is attributed in %s',
    (path) => {
      const text = read(path);
      expect(attribution.filter((needle) => !text.includes(needle))).toEqual([]);
    },
  );
});

describe('each npm package', () => {
  it.each(['engine', 'browser', 'server'])('%s carries its licence', (name) => {
    const folder = `packages/${name}`;
    expect(read(`${folder}/LICENSE`)).toBe(read('LICENSE'));
    const { files } = JSON.parse(read(`${folder}/package.json`)) as { files: string[] };
    if (existsSync(join(root, folder, 'NOTICE'))) expect(files).toContain('NOTICE');
  });
});
