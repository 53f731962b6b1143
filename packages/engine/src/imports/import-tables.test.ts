import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { createPostgresDatabase } from '../../../../test/support/postgres.ts';
import { dumpTables } from '../../../../test/support/rows.ts';
import { orThrow } from '../kernel/result.ts';
import { createLibrary } from '../library.ts';
import type { Library } from '../library.ts';
import type { InWorkspace } from '../library-scope.ts';
import { createWorkspace } from '../workspaces/create-workspace.ts';
import { importedId } from './imported-id.ts';
import type { TableDump } from './table-source.ts';

const ids = {
  team: '11111111-1111-4111-8111-111111111111',
  promo: '22222222-2222-4222-8222-222222222222',
  usage: (number: number) => `33333333-3333-4333-8333-${String(number).padStart(12, '0')}`,
  code: 'aaaaaaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa',
  old: 'bbbbbbbb-bbbb-7bbb-8bbb-bbbbbbbbbbbb',
  use: (number: number) => `cccccccc-cccc-7ccc-8ccc-${String(number).padStart(12, '0')}`,
};

function csv(...lines: readonly string[]): TableDump {
  return { format: 'csv', stream: streamOf(`${lines.join('\n')}\n`) };
}

function ndjson(...rows: readonly object[]): TableDump {
  return { format: 'ndjson', stream: streamOf(rows.map((row) => JSON.stringify(row)).join('\n')) };
}

async function* streamOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** As `\copy usher_invitations to 'invitations.csv' csv header` writes them. */
const usherInvitations = () =>
  csv(
    'id,token,expires_at,inserted_at,updated_at,name,custom_attributes',
    `${ids.team},team-link-1,2030-01-01 12:00:00,2024-01-01 09:00:00.123456,2024-01-02 09:00:00,Team,"{""role"": ""admin""}"`,
    `${ids.promo},friendly-code-2025,,2024-02-01 09:00:00,2024-02-01 09:00:00,,`,
  );
const usherUsages = () =>
  csv(
    'id,invitation_id,entity_type,entity_id,action,metadata,inserted_at,updated_at',
    `${ids.usage(1)},${ids.team},user,u1,visited,"{""referrer"": ""google.com""}",2024-01-03 09:00:00,2024-01-03 09:00:00`,
    `${ids.usage(2)},${ids.team},user,u1,registered,{},2024-01-04 09:00:00,2024-01-04 09:00:00`,
    // Usher counts it as often as it is told.
    `${ids.usage(3)},${ids.team},user,u1,registered,{},2024-01-05 09:00:00,2024-01-05 09:00:00`,
    `${ids.usage(4)},${ids.promo},company,u1,visited,{},2024-02-03 09:00:00,2024-02-03 09:00:00`,
  );

describe('imports of tables', () => {
  let context: TestContext;
  let hw: Library;
  let spaces = 0;
  beforeAll(async () => {
    context = await openTestContext('pglite', { invitations: { signingSecret: 'test-secret' } });
    hw = createLibrary(context);
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const newWorkspace = async () => {
    const made = await createWorkspace(context, { name: `Imports ${(spaces += 1)}` });
    return { workspaceId: orThrow(made).id };
  };

  describe("of Usher's", () => {
    const importAll = async (there: InWorkspace, more = {}) =>
      orThrow(
        await hw.imports.usher(
          { invitations: usherInvitations(), usages: usherUsages() },
          { ...there, ...more },
        ),
      );

    it('let links that were sent go on working, signed ones too', async () => {
      const there = await newWorkspace();
      expect(await importAll(there)).toMatchObject({
        dryRun: false,
        invitations: { ended: 'complete', rows: 2, imported: 2, alreadyThere: 0, rejected: 0 },
        usages: { rows: 4, imported: 4, alreadyThere: 0, rejected: 0 },
      });
      const team = orThrow(await hw.invitations.validate('team-link-1', there));
      expect(team).toMatchObject({
        name: 'Team',
        attributes: { role: 'admin' },
        expiresAt: new Date('2030-01-01T12:00:00Z'),
        createdAt: new Date('2024-01-01T09:00:00.123Z'),
      });
      const signature = 'ob486ThMoiQPq2NtNaS3X1iHNmCZzzKvSCRrST33TPY';
      const promo = orThrow(
        await hw.invitations.validate('friendly-code-2025', { ...there, signature }),
      );
      expect(promo).toMatchObject({ name: null, attributes: {}, expiresAt: null });
      expect(JSON.stringify(await dumpTables(context))).not.toContain('team-link-1');
    });

    it('keep usages as history that counts, and whoever registered registered', async () => {
      const there = await newWorkspace();
      await importAll(there);
      const team = orThrow(await hw.invitations.validate('team-link-1', there));
      const { usages } = orThrow(await hw.invitations.usages(team, {}, there));
      expect(usages.map(({ action }) => action)).toEqual(['registered', 'registered', 'visited']);
      expect(usages[2]).toMatchObject({
        entity: { type: 'user', id: 'u1' },
        metadata: { referrer: 'google.com' },
        occurredAt: new Date('2024-01-03T09:00:00Z'),
      });
      const entity = ['user', 'u1'] as const;
      expect(
        await hw.invitations.track(team, { entity, action: 'registered' }, there),
      ).toMatchObject({ code: 'duplicate_usage', existing: { id: usages[1]!.id } });
      const events = await context.database.db
        .selectFrom('event')
        .select('id')
        .where('workspace_id', '=', there.workspaceId)
        .execute();
      expect(events).toEqual([]);
    });

    it('count each row once, however often and in whatever parts it is read', async () => {
      const there = await newWorkspace();
      orThrow(await hw.imports.usher({ invitations: usherInvitations() }, there));
      const before = await importAll(there);
      expect(before.invitations).toMatchObject({ imported: 0, alreadyThere: 2 });
      expect(before.usages).toMatchObject({ imported: 4, alreadyThere: 0 });
      const quiet = await dumpTables(context);
      expect(await importAll(there)).toMatchObject({
        invitations: { imported: 0, alreadyThere: 2 },
        usages: { imported: 0, alreadyThere: 4 },
      });
      expect(await dumpTables(context)).toEqual(quiet);
    });

    it('write nothing in a dry run, and say what would be wrong', async () => {
      const there = await newWorkspace();
      const quiet = await dumpTables(context);
      const told: string[] = [];
      const report = orThrow(
        await hw.imports.usher(
          {
            invitations: usherInvitations(),
            usages: ndjson(
              {
                id: 'x1',
                invitation_id: ids.team,
                entity_type: 'user',
                entity_id: 7,
                action: 'visited',
                metadata: {},
                inserted_at: '2024-01-01T00:00:00',
              },
              {
                id: 'x2',
                invitation_id: 'none',
                entity_type: 'user',
                entity_id: 'u',
                action: 'visited',
                metadata: null,
                inserted_at: '2024-01-01T00:00:00',
              },
            ),
          },
          {
            ...there,
            dryRun: true,
            onRejected: (table, { line, field, message }) =>
              void told.push(`${table}:${line} ${field} ${message}`),
          },
        ),
      );
      expect(report).toMatchObject({
        dryRun: true,
        invitations: { importable: 2, imported: 0 },
        usages: { importable: 1, rejected: 1 },
      });
      expect(told).toEqual(['usages:2 invitation_id is no invitation that was imported']);
      expect(await dumpTables(context)).toEqual(quiet);
    });

    it('reject a row by its field, and leave its neighbours alone', async () => {
      const there = await newWorkspace();
      orThrow(await hw.invitations.create({ token: 'taken' }, there));
      const told: string[] = [];
      const progress: number[] = [];
      const report = orThrow(
        await hw.imports.usher(
          {
            invitations: csv(
              'id,token,expires_at,inserted_at,updated_at,name,custom_attributes',
              'i1,taken,,2024-01-01 09:00:00,2024-01-01 09:00:00,,',
              ',good-1,,2024-01-01 09:00:00,2024-01-01 09:00:00,,',
              'i3,,,2024-01-01 09:00:00,2024-01-01 09:00:00,,',
              'i4,good-2,tomorrow,2024-01-01 09:00:00,2024-01-01 09:00:00,,[]',
              'i5,good-3,2020-01-01 00:00:00,2019-12-24 00:00:00,2019-12-24 00:00:00,Old,',
            ),
          },
          {
            ...there,
            onRejected: (_table, { line, field, message }) =>
              void told.push(`${line} ${field} ${message}`),
            onProgress: (_table, { rows }) => void progress.push(rows),
          },
        ),
      );
      expect(report.invitations).toMatchObject({ rows: 5, imported: 1, rejected: 4 });
      expect(told).toEqual([
        '3 id is required',
        '4 token is required',
        '5 custom_attributes must be an object of JSON',
        '5 expires_at must be a time, for example 2026-12-31 23:59:59',
        '2 token is that of another invitation',
      ]);
      expect(progress.at(-1)).toBe(5);
      // What had expired there has expired here.
      expect(await hw.invitations.validate('good-3', there)).toMatchObject({
        code: 'invitation_expired',
      });
    });

    it('bring nothing back of somebody who was forgotten', async () => {
      const there = await newWorkspace();
      orThrow(await hw.visitors.identify({ externalId: 'u1' }, there));
      orThrow(await hw.privacy.forget({ externalId: 'u1' }, there));
      await importAll(there);
      const team = orThrow(await hw.invitations.validate('team-link-1', there));
      const { usages } = orThrow(await hw.invitations.usages(team, {}, there));
      expect(usages.map(({ entity, metadata }) => [entity.id, metadata])).toEqual([
        [undefined, {}],
        [undefined, {}],
        [undefined, {}],
      ]);
      const forgottenLater = await newWorkspace();
      await importAll(forgottenLater);
      orThrow(await hw.visitors.identify({ externalId: 'u1' }, forgottenLater));
      orThrow(await hw.privacy.forget({ externalId: 'u1' }, forgottenLater));
      const again = await importAll(forgottenLater);
      expect(again.usages).toMatchObject({ imported: 0, alreadyThere: 4 });
    });

    it('stop where the caller says, and go on there', async () => {
      const there = await newWorkspace();
      const controller = new AbortController();
      async function* stops(): AsyncGenerator<Uint8Array> {
        yield Buffer.from(
          'id,token,expires_at,inserted_at,updated_at,name,custom_attributes\ns1,stop-1,,2024-01-01,2024-01-01,,\n',
        );
        controller.abort();
        yield Buffer.from('s2,stop-2,,2024-01-01,2024-01-01,,\n');
      }
      const { signal } = controller;
      const report = orThrow(
        await hw.imports.usher(
          { invitations: { format: 'csv', stream: stops() }, usages: usherUsages() },
          { ...there, signal },
        ),
      );
      expect(report.invitations).toMatchObject({ ended: 'stopped', imported: 1 });
      expect(report.usages).toBeUndefined();
    });
  });

  describe("of PhoenixKit's", () => {
    const codes = () =>
      csv(
        'uuid,code,description,status,number_of_uses,max_uses,created_by_uuid,beneficiary_uuid,date_created,expiration_date',
        `${ids.code},WELCOME,Spring,t,2,3,admin-1,ben-1,2024-01-01 09:00:00+00,`,
        `${ids.old},FRIENDS,Old,f,5,4,admin-1,,2023-01-01 09:00:00+00,2023-02-01 00:00:00+00`,
      );
    const usages = () =>
      csv(
        'uuid,code_uuid,used_by_uuid,date_used',
        `${ids.use(1)},${ids.code},pk-1,2024-01-02 09:00:00+00`,
        `${ids.use(2)},${ids.code},pk-2,2024-01-03 09:00:00+00`,
        // There was no constraint against it.
        `${ids.use(3)},${ids.code},pk-2,2024-01-03 10:00:00+00`,
      );
    const importAll = async (there: InWorkspace) =>
      orThrow(await hw.imports.phoenixKit({ codes: codes(), usages: usages() }, there));

    it('keep what is left of a limit, and uses as history that counts', async () => {
      const there = await newWorkspace();
      expect(await importAll(there)).toMatchObject({
        codes: { imported: 2, rejected: 0 },
        usages: { imported: 3, rejected: 0 },
      });
      expect(await importAll(there)).toMatchObject({
        codes: { imported: 0, alreadyThere: 2 },
        usages: { imported: 0, alreadyThere: 3 },
      });
      const code = (await hw.referrals.getCodeByText('welcome', there))!;
      expect(code).toMatchObject({
        uses: 2,
        usesMax: 3,
        description: 'Spring',
        active: true,
        creatorId: 'admin-1',
        beneficiaryId: 'ben-1',
        expiresAt: null,
      });
      expect(await hw.referrals.getCodeByText('friends', there)).toMatchObject({
        active: false,
        uses: 5,
        usesMax: 5,
      });
      expect(orThrow(await hw.referrals.stats(code, there))).toEqual({
        totalUses: 3,
        uniqueUsers: 2,
        lastUsed: new Date('2024-01-03T10:00:00Z'),
        recentUsers: ['pk-2', 'pk-2', 'pk-1'],
      });
      const { redemptions } = orThrow(await hw.referrals.redemptions({ codeId: code.id }, there));
      expect(new Set(redemptions.map(({ status }) => status))).toEqual(new Set(['imported']));
      expect(await hw.referrals.hasRedeemed(['user', 'pk-1'], code.id, there)).toBe(true);
      const redeem = (user: string) =>
        hw.referrals.redeem('welcome', { entity: ['user', user] }, there);
      expect(await redeem('pk-2')).toMatchObject({ code: 'already_redeemed' });
      expect(await redeem('new-1')).toMatchObject({ ok: true });
      expect(await redeem('new-2')).toMatchObject({ code: 'code_exhausted' });
    });

    it('note who referred whom, and let through the gate who had redeemed', async () => {
      const there = await newWorkspace();
      await importAll(there);
      const { referrals } = orThrow(await hw.referrals.list({}, there));
      expect(referrals.map(({ referrer, referee }) => [referrer.id, referee.id])).toEqual([
        ['ben-1', 'pk-2'],
        ['ben-1', 'pk-1'],
      ]);
      orThrow(await hw.workspaces.update({ settings: { referrals: { required: true } } }, there));
      expect(await hw.gate.check({ entity: ['user', 'pk-1'] }, there)).toMatchObject({
        admitted: true,
        admission: { via: 'past_redemption' },
      });
      expect(await hw.gate.check({ entity: ['user', 'pk-9'] }, there)).toMatchObject({
        admitted: false,
      });
    });

    it('reject what cannot be a code here, and uses of codes that are not there', async () => {
      const there = await newWorkspace();
      orThrow(await hw.referrals.createCode({ code: 'TAKEN' }, there));
      const report = orThrow(
        await hw.imports.phoenixKit(
          {
            codes: ndjson(
              { id: 1, code: 'TAKEN', status: true, number_of_uses: 0, max_uses: 5 },
              { id: 2, code: 'stra\u00dfe', status: true, number_of_uses: 0, max_uses: 5 },
              {
                id: 3,
                code: 'OLDID',
                status: false,
                number_of_uses: 1,
                max_uses: 5,
                created_by: 9,
                date_created: '2022-01-01T00:00:00Z',
              },
            ),
            usages: ndjson(
              { id: 1, code_id: 3, used_by: 9, date_used: '2022-02-01T00:00:00' },
              { id: 2, code_id: 4, used_by: 9, date_used: '2022-02-01T00:00:00' },
              { id: 3, code_id: 3, used_by: 9 },
            ),
          },
          there,
        ),
      );
      expect(report.codes!.problems).toEqual([
        {
          field: 'code',
          message: 'must have letters, digits, hyphens and underscores only',
          rows: 1,
          firstLine: 2,
        },
        { field: 'code', message: 'is that of another code', rows: 1, firstLine: 1 },
      ]);
      expect(report.usages!.problems).toEqual([
        { field: 'date_used', message: 'is required', rows: 1, firstLine: 3 },
        { field: 'code_uuid', message: 'is no code that was imported', rows: 1, firstLine: 2 },
      ]);
      expect(await hw.referrals.getCodeByText('oldid', there)).toMatchObject({ creatorId: '9' });
    });
  });

  describe('from the database that they are in', () => {
    const tables = `
create table usher_invitations (id uuid primary key, token varchar(255) not null, name varchar, expires_at timestamp(0),
  custom_attributes jsonb, inserted_at timestamp not null, updated_at timestamp not null);
create table usher_invitation_usages (id uuid primary key, invitation_id uuid not null, entity_type varchar not null,
  entity_id varchar not null, action varchar not null, metadata jsonb not null default '{}',
  inserted_at timestamp not null, updated_at timestamp not null);
insert into usher_invitations select gen_random_uuid(), 'bulk-' || n, null, '2030-01-01 12:00:00', '{"n": 1}',
  '2024-01-01 09:00:00', '2024-01-01 09:00:00' from generate_series(1, 1500) n;
insert into usher_invitation_usages select gen_random_uuid(), id, 'user', 'u1', 'visited', '{}',
  '2024-01-01 09:00:00', '2024-01-01 09:00:00' from usher_invitations;`;

    it('read a PGlite page by page, with times as they are written', async () => {
      const there = await newWorkspace();
      await using database = await PGlite.create();
      await database.exec(tables);
      const report = orThrow(await hw.imports.usher({ database }, there));
      expect(report).toMatchObject({
        invitations: { rows: 1_500, imported: 1_500 },
        usages: { rows: 1_500, imported: 1_500 },
      });
      expect(orThrow(await hw.invitations.validate('bulk-1500', there))).toMatchObject({
        expiresAt: new Date('2030-01-01T12:00:00Z'),
        attributes: { n: 1 },
      });
    }, 60_000);

    it('read a PostgreSQL by its URL, whatever the zone of this process', async () => {
      const there = await newWorkspace();
      await using database = await createPostgresDatabase();
      const { default: pg } = await import('pg');
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      await client.query(
        tables.replaceAll('1500', '3').replaceAll('gen_random_uuid()', 'md5(random()::text)::uuid'),
      );
      await client.end();
      const report = orThrow(await hw.imports.usher({ database: database.url }, there));
      expect(report.invitations).toMatchObject({ rows: 3, imported: 3 });
      const found = orThrow(await hw.invitations.validate('bulk-2', there));
      expect(found.expiresAt).toEqual(new Date('2030-01-01T12:00:00Z'));
    });
  });
});

describe('importedId', () => {
  it('is the same for the same row, of the form of UUIDv7, and sorts by time', () => {
    const at = new Date('2024-01-01T00:00:00Z');
    const id = importedId(at, 'usher', '1');
    expect(id).toBe(importedId(at, 'usher', '1'));
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set([id, importedId(at, 'usher', '2'), importedId(at, 'other', '1')]).size).toBe(3);
    expect(importedId(new Date(at.getTime() + 1), 'usher', '0') > id).toBe(true);
  });
});
