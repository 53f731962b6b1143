import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openEmbeddedFolder } from './embedded-folder.ts';
import { FolderLockedError } from './folder-lock.ts';

let folder: string;

beforeAll(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'headwater-folder-')), 'data');
});

afterAll(() => {
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

describe('openEmbeddedFolder', () => {
  it(
    'makes a database and its secret once, and finds both again',
    { timeout: 60_000 },
    async () => {
      // What a process that was killed while it made the database leaves behind.
      mkdirSync(join(folder, 'database.new'), { recursive: true, mode: 0o700 });
      writeFileSync(join(folder, 'database.new', 'PG_VERSION'), '18');

      const first = await openEmbeddedFolder(folder);
      await first.pglite.exec("create table kept (value text); insert into kept values ('here')");
      await expect(openEmbeddedFolder(folder)).rejects.toThrow(FolderLockedError);
      await first.close();
      expect(first.secret).toMatch(/^[\w-]{43}$/);
      expect(statSync(folder).mode & 0o777).toBe(0o700);
      expect(statSync(join(folder, 'secret')).mode & 0o777).toBe(0o600);

      const second = await openEmbeddedFolder(folder);
      expect(second.secret).toBe(first.secret);
      expect((await second.pglite.query('select value from kept')).rows).toEqual([
        { value: 'here' },
      ]);
      await second.close();
    },
  );

  it(
    'refuses to make another secret for rows that an earlier one keyed',
    { timeout: 60_000 },
    async () => {
      const secret = readFileSync(join(folder, 'secret'), 'utf8');
      unlinkSync(join(folder, 'secret'));
      await expect(openEmbeddedFolder(folder)).rejects.toThrow(
        'is missing beside an existing database',
      );
      const opened = await openEmbeddedFolder(folder, { keepSecret: false });
      expect(opened.secret).toBeUndefined();
      await opened.close();
      writeFileSync(join(folder, 'secret'), secret, { mode: 0o600 });
      await (await openEmbeddedFolder(folder)).close();
    },
  );
});
