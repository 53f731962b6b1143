import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createPostgresDatabase } from '../support/postgres.ts';
import { runCommand, startServer } from './server-process.ts';
import type { Variables } from './server-process.ts';
import { password } from './sign-in-server.ts';

const minutes = { timeout: 180_000 };

describe.each(['pglite', 'postgres'])('headwater team on %s', (size) => {
  let folder: string;
  let variables: Variables;
  let dispose = (): Promise<void> => Promise.resolve();
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'headwater-team-'));
    variables = { HEADWATER_DATA: folder, HEADWATER_PUBLIC_URL: 'https://hw.team.example' };
    if (size === 'pglite') return;
    const database = await createPostgresDatabase();
    dispose = async () => database[Symbol.asyncDispose]();
    variables = {
      ...variables,
      DATABASE_URL: database.url,
      HEADWATER_SECRET: 'a-secret-for-the-tests-of-the-team-0123456789',
    };
  }, 60_000);
  afterAll(async () => {
    await dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const command = (...args: string[]) => runCommand(args, variables);

  it('prints a link for the owner, and hands over invitations', minutes, async () => {
    expect((await command('team', 'list')).stdout).toContain('The team is empty');
    const printed = await command('owner-link', '--json');
    const { owner_link: link } = JSON.parse(printed.stdout) as { owner_link: string };
    expect(link).toMatch(/^https:\/\/hw\.team\.example\/hw\/setup#[\w-]{32}$/);
    const invited = await command('team', 'invite', 'Ada@team.example', '--role', 'admin');
    expect(invited.stdout).toMatch(/^https:\/\/hw\.team\.example\/hw\/join#\S+\n/);

    await using server = await startServer(variables);
    expect(server.ownerLink).toMatch(/\/hw\/setup#/);
    const ask = (path: string, body: object) =>
      fetch(`${server.origin}/hw/auth${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-headwater-request': '1',
          origin: 'https://hw.team.example',
        },
        body: JSON.stringify(body),
      });
    const claimed = await ask('/owner', {
      token: link.split('#')[1],
      name: 'Olive',
      email: 'olive@team.example',
      password,
    });
    expect(claimed.status).toBe(204);
    // On https the cookie says so.
    expect(claimed.headers.get('set-cookie')).toMatch(/^__Secure-_hw_session=.*; Secure/i);
    // One link used ends the others.
    const second = await ask('/owner/check', { token: server.ownerLink?.split('#')[1] });
    expect(second.status).toBe(410);
    const joined = await ask('/join', {
      token: invited.stdout.split('#')[1]!.split('\n')[0],
      name: 'Ada',
      password,
    });
    expect(joined.status).toBe(204);
    expect(server.log()).not.toContain(password);
    server.signal('SIGTERM');
    await server.ended;
  });

  it(
    'lists the team, changes roles and removes members, but for the last owner',
    minutes,
    async () => {
      const listed = JSON.parse((await command('team', 'list', '--json')).stdout) as {
        members: Array<{ email: string; role: string }>;
      };
      expect(listed.members.map(({ email, role }) => [email, role])).toEqual([
        ['olive@team.example', 'owner'],
        ['ada@team.example', 'admin'],
      ]);
      const changed = await command('team', 'role', 'ada@team.example', 'viewer');
      expect(changed).toMatchObject({ code: 0, stdout: 'ada@team.example is now viewer.\n' });
      const kept = await command('team', 'remove', 'olive@team.example');
      expect(kept.code).toBe(1);
      expect(kept.stderr).toContain('A workspace keeps at least one owner');
      expect((await command('team', 'remove', 'ada@team.example')).code).toBe(0);
      const gone = await command('team', 'remove', 'ada@team.example');
      expect(gone).toMatchObject({ code: 1 });
      expect((await command('team', 'role', 'olive@team.example', 'king')).code).toBe(2);
    },
  );
});
