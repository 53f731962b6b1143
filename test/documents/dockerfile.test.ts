/** The Dockerfile against the repository that it copies from: nobody here can build it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8').replaceAll('\\\n', ' ');
const [build = '', image = ''] = dockerfile.split(/^FROM .*$/m).slice(1);
const copied = [...build.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = '']) =>
  files.split(' '),
);

describe('the Dockerfile', () => {
  it('has the manifest of every workspace before it installs', () => {
    const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      workspaces: string[];
    };
    const untilInstalled = build.slice(0, build.indexOf('RUN npm ci'));
    for (const workspace of workspaces)
      expect(untilInstalled).toContain(`COPY ${workspace}/package.json ${workspace}/\n`);
  });

  it('copies what is there, and starts it', () => {
    const [, command = ''] = /^CMD (\[.*\])$/m.exec(image) ?? [];
    const [program, file = ''] = JSON.parse(command) as string[];
    expect(program).toBe('node');
    for (const name of [...copied, file]) expect(existsSync(join(root, name)), name).toBe(true);
  });

  it('uses variables that the server reads', () => {
    const environment = readFileSync(join(root, 'docs', 'configuration.md'), 'utf8');
    const [, pairs = ''] = /^ENV (.*)$/m.exec(image) ?? [];
    for (const pair of pairs.split(' ').slice(1)) expect(environment).toContain(pair.split('=')[0]);
  });
});
