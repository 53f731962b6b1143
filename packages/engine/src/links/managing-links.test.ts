import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';

interface Item {
  readonly status: string;
  readonly outcome: string;
  readonly id?: string;
  readonly code?: string;
  readonly errors?: Record<string, string[]>;
  readonly link?: { readonly id: string; readonly key: string; readonly url: string };
}

interface Batch {
  readonly results: Item[];
}

describe.each(testDatabaseSizes)('managing links over HTTP on %s', (size) => {
  let context: TestContext;
  let api: Api;
  beforeAll(async () => {
    context = await openTestContext(size, { links: { domains: ['go.test'] } });
    api = await openApi(context, await context.workspaces.first());
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const create = async (fields: Record<string, unknown>) => {
    const { status, body } = await api<{ id: string; key: string }>('POST', '/links', {
      url: 'https://example.com/',
      ...fields,
    });
    expect(status).toBe(201);
    return body;
  };
  const count = async (table: string, where: string) => {
    const [row] = await context.database.run<{ count: string }>(
      { name: '', text: `select count(*)::text as count from headwater.${table} where ${where}` },
      [],
    );
    return Number(row!.count);
  };

  describe('in batches', () => {
    it('creates a thousand links and says of each what became of it', async () => {
      const links = Array.from({ length: 1_000 }, (_, index) => ({
        url: index === 7 ? 'no address' : `https://example.com/${index}`,
        key: `bulk-${index === 8 ? 6 : index}`,
      }));
      const { status, body } = await api<Batch>('POST', '/links/batch', { links });
      expect(status).toBe(207);
      expect(body.results).toHaveLength(1_000);
      expect(body.results.filter((item) => item.outcome === 'created')).toHaveLength(998);
      expect(body.results[7]).toMatchObject({
        index: 7,
        status: 'error',
        outcome: 'refused',
        code: 'invalid_link',
        errors: { url: [expect.any(String)] },
      });
      expect(body.results[8]).toMatchObject({
        code: 'link_key_taken',
        errors: { key: ['is given twice'] },
      });
      expect(body.results[999]!.link).toMatchObject({
        key: 'bulk-999',
        url: 'https://example.com/999',
      });
      expect((await api('POST', '/links/batch', { links: [...links, links[0]] })).status).toBe(422);
    }, 60_000);

    it('tells webhooks of every link of a batch, which the market leader does not', async () => {
      const hook = await api<{ id: string }>('POST', '/webhooks', {
        url: 'https://hooks.example.com/in',
        event_types: ['link.created', 'link.updated', 'link.archived'],
      });
      expect(hook.status).toBe(201);
      const made = await api<Batch>('POST', '/links/batch', {
        links: [1, 2, 3].map((n) => ({ url: 'https://example.com/', key: `told-${n}` })),
      });
      expect(made.status).toBe(201);
      const ids = made.body.results.map(({ link }) => link!.id);
      await api('PATCH', '/links/batch', { links: ids.map((id) => ({ id, tags: ['told'] })) });
      await api('POST', '/links/batch/archive', { ids });
      for (const type of ['link.created', 'link.updated', 'link.archived'])
        expect([type, await count('webhook_delivery', `event_type = '${type}'`)]).toEqual([
          type,
          3,
        ]);
      await api('DELETE', `/webhooks/${hook.body.id}`);
    });

    it('changes and archives each link by itself', async () => {
      const [one, two] = [
        await create({ key: 'each-1', external_id: 'each' }),
        await create({ key: 'each-2' }),
      ];
      const nobody = '01980a4e-7b1c-7d3e-9f20-5b6c7d8e9fa0';
      const changed = await api<Batch>('PATCH', '/links/batch', {
        links: [
          { id: one.id, url: 'https://example.com/new' },
          { id: two.id, external_id: 'each' },
          { id: nobody, url: 'https://example.com/' },
          { id: one.id, unknown: true },
        ],
      });
      expect(changed.status).toBe(207);
      expect(changed.body.results.map(({ outcome, code }) => code ?? outcome)).toEqual([
        'updated',
        'external_id_taken',
        'link_not_found',
        'validation_failed',
      ]);
      const archived = await api<Batch>('POST', '/links/batch/archive', {
        ids: [one.id, nobody, one.id],
      });
      expect(archived.body.results.map(({ outcome }) => outcome)).toEqual([
        'archived',
        'refused',
        'unchanged',
      ]);
      expect((await api('GET', `/links/${one.id}`)).body).toMatchObject({
        url: 'https://example.com/new',
        archived_at: expect.any(String),
      });
    });

    it('says in a dry run what it would do, and writes nothing', async () => {
      await create({ key: 'dry-there' });
      const links = [
        { url: 'https://example.com/a', key: 'dry-new' },
        { url: 'https://example.com/b', key: 'dry-there' },
        { url: 'https://example.com/', key: 'dry-there ' },
      ];
      const before = await count('link', 'true');
      const dry = await api<Batch>('POST', '/links/batch', {
        links,
        dry_run: true,
        on_existing: 'update',
      });
      expect(dry.body.results.map(({ outcome }) => outcome)).toEqual([
        'created',
        'updated',
        'refused',
      ]);
      expect(await count('link', 'true')).toBe(before);
      const real = await api<Batch>('POST', '/links/batch', { links, on_existing: 'update' });
      expect(real.body.results.map(({ outcome }) => outcome)).toEqual([
        'created',
        'updated',
        'refused',
      ]);
    });

    it('makes one link of each key when two batches want the same ones at once', async () => {
      const links = Array.from({ length: 50 }, (_, n) => ({
        url: 'https://example.com/',
        key: `race-${n}`,
      }));
      const both = await Promise.all([
        api<Batch>('POST', '/links/batch', { links }),
        api<Batch>('POST', '/links/batch', { links: links.toReversed() }),
      ]);
      const made = both
        .flatMap(({ body }) => body.results)
        .filter(({ outcome }) => outcome === 'created');
      expect(made).toHaveLength(50);
      expect(await count('link', "key like 'race-%'")).toBe(50);
    });
  });

  describe('by upsert', () => {
    it('creates by key, then changes what is given and leaves the rest', async () => {
      const first = await api<{ id: string }>('PUT', '/links/upsert', {
        key: 'upsert',
        url: 'https://example.com/1',
        tags: ['kept'],
      });
      expect(first.status).toBe(201);
      const second = await api('PUT', '/links/upsert', {
        key: 'upsert',
        url: 'https://example.com/2',
      });
      expect(second).toMatchObject({
        status: 200,
        body: { id: first.body.id, url: 'https://example.com/2', tags: ['kept'] },
      });
    });

    it('finds a link by its external id first, and never moves its key', async () => {
      const made = await create({ external_id: 'crm-1', key: 'crm' });
      const same = await api('PUT', '/links/upsert', {
        external_id: 'crm-1',
        url: 'https://example.com/x',
      });
      expect(same).toMatchObject({ status: 200, body: { id: made.id, key: 'crm' } });
      expect(
        await api('PUT', '/links/upsert', {
          external_id: 'crm-1',
          key: 'other',
          url: 'https://example.com/x',
        }),
      ).toMatchObject({ status: 422, body: { errors: { key: ['cannot be changed'] } } });
    });
  });

  describe('in folders', () => {
    it('keeps links in folders that are renamed, filtered by, and deleted without their links', async () => {
      const made = await api<{ id: string }>('POST', '/folders', { name: 'Spring' });
      expect(made).toMatchObject({ status: 201, body: { name: 'Spring', links: 0 } });
      expect(await api('POST', '/folders', { name: 'SPRING' })).toMatchObject({
        status: 409,
        body: { code: 'folder_name_taken', errors: { name: ['is taken'] } },
      });
      const link = await create({ folder_id: made.body.id });
      expect((await api('GET', '/folders')).body).toMatchObject([{ name: 'Spring', links: 1 }]);
      expect((await api<unknown[]>('GET', `/links?folder_id=${made.body.id}`)).body).toMatchObject([
        { id: link.id },
      ]);
      expect(
        (await api('PATCH', `/folders/${made.body.id}`, { name: 'Summer' })).body,
      ).toMatchObject({ name: 'Summer' });
      expect(await api('DELETE', `/folders/${made.body.id}`)).toMatchObject({
        status: 200,
        body: { links: 1 },
      });
      expect((await api('GET', `/links/${link.id}`)).body).toMatchObject({
        folder_id: null,
        archived_at: null,
      });
      expect((await api('DELETE', `/folders/${made.body.id}`)).status).toBe(404);
    });

    it('refuses a folder that is not of the workspace', async () => {
      const folderId = '01980a4e-7b1c-7d3e-9f20-5b6c7d8e9fa0';
      const refused = {
        status: 422,
        body: { errors: { folder_id: ['is no folder of this workspace'] } },
      };
      expect(
        await api('POST', '/links', { url: 'https://example.com/', folder_id: folderId }),
      ).toMatchObject(refused);
      const link = await create({});
      expect(await api('PATCH', `/links/${link.id}`, { folder_id: folderId })).toMatchObject(
        refused,
      );
    });
  });

  it('lists, renames and deletes tags on every link that has them', async () => {
    const link = await create({ tags: ['q1', 'sale'] });
    await create({ tags: ['q1'] });
    const tags = await api<Array<{ name: string }>>('GET', '/tags');
    expect(tags.body.find(({ name }) => name === 'q1')).toEqual({ name: 'q1', links: 2 });
    expect((await api('PATCH', '/tags/q1', { name: 'sale' })).body).toEqual({ links: 2 });
    expect((await api('GET', `/links/${link.id}`)).body).toMatchObject({ tags: ['sale'] });
    expect((await api<unknown[]>('GET', '/links?tag=sale')).body).toHaveLength(2);
    expect((await api('DELETE', '/tags/sale')).body).toEqual({ links: 2 });
    expect((await api('GET', `/links/${link.id}`)).body).toMatchObject({ tags: [] });
    expect((await api('PATCH', '/tags/sale', { name: '' })).status).toBe(422);
    expect((await api('PATCH', '/tags/sale', { name: 'q2' })).status).toBe(404);
    expect((await api('DELETE', '/tags/sale')).status).toBe(404);
  });

  describe('with UTM templates', () => {
    it('fills what a new link does not say, by name or by default', async () => {
      const mail = await api<{ id: string }>('POST', '/utm-templates', {
        name: 'Mail',
        utm_source: 'newsletter',
        utm_medium: 'email',
      });
      expect(mail.status).toBe(201);
      const named = await api('POST', '/links', {
        url: 'https://example.com/',
        utm_template_id: mail.body.id,
        utm_medium: 'sms',
      });
      expect(named.body).toMatchObject({ utm_source: 'newsletter', utm_medium: 'sms' });
      expect((await api('POST', '/links', { url: 'https://example.com/' })).body).toMatchObject({
        utm_source: null,
      });

      await api('PATCH', `/utm-templates/${mail.body.id}`, { is_default: true });
      const batch = await api<{ results: Array<{ link: unknown }> }>('POST', '/links/batch', {
        links: [
          { url: 'https://example.com/' },
          { url: 'https://example.com/', utm_template_id: null },
        ],
      });
      expect(batch.body.results.map(({ link }) => link)).toMatchObject([
        { utm_source: 'newsletter', utm_medium: 'email' },
        { utm_source: null, utm_medium: null },
      ]);
      await api('POST', '/utm-templates', { name: 'Ads', utm_source: 'ads', is_default: true });
      expect((await api('GET', '/utm-templates')).body).toMatchObject([
        { name: 'Ads', is_default: true },
        { name: 'Mail', is_default: false },
      ]);
      const ads = (await api<Array<{ id: string }>>('GET', '/utm-templates')).body[0]!;
      expect((await api('DELETE', `/utm-templates/${ads.id}`)).status).toBe(204);
      expect(
        await api('POST', '/links', { url: 'https://example.com/', utm_template_id: ads.id }),
      ).toMatchObject({
        status: 422,
        body: { errors: { utm_template_id: ['is no template of this workspace'] } },
      });
    });
  });

  it('copies a link with what is to differ, without its external id', async () => {
    const link = await create({
      key: 'original',
      external_id: 'one',
      notes: 'first\nsecond',
      utm_source: 'x',
    });
    const copy = await api('POST', `/links/${link.id}/duplicate`, {
      key: 'copy',
      utm_source: null,
    });
    expect(copy).toMatchObject({
      status: 201,
      body: {
        key: 'copy',
        external_id: null,
        notes: 'first\nsecond',
        utm_source: null,
        domain: 'go.test',
      },
    });
    expect((await api('POST', `/links/${link.id}/duplicate`)).body).toMatchObject({
      utm_source: 'x',
    });
  });

  describe('with their history', () => {
    interface Version {
      readonly id: string;
      readonly actor: string;
      readonly action: string;
      readonly changes: Record<string, unknown>;
      readonly snapshot: Record<string, unknown>;
    }

    it('says who changed what when, and gives the settings of a version back', async () => {
      const link = await create({ key: 'past', tags: ['old'], expires_at: '2027-01-01T00:00:00Z' });
      context.clock.moveBy(60_000);
      await api('PATCH', `/links/${link.id}`, {
        url: 'https://example.com/new',
        tags: ['new'],
        expires_at: null,
      });
      const { body: versions } = await api<Version[]>('GET', `/links/${link.id}/versions`);
      expect(versions).toMatchObject([
        {
          action: 'link.updated',
          actor: expect.any(String),
          at: new Date(context.clock.now()).toISOString(),
          changes: {
            url: { from: 'https://example.com/', to: 'https://example.com/new' },
            tags: { from: ['old'], to: ['new'] },
          },
        },
        { action: 'link.created', snapshot: { key: 'past', tags: ['old'] } },
      ]);
      const back = await api('POST', `/links/${link.id}/versions/${versions[1]!.id}/restore`);
      expect(back).toMatchObject({
        status: 200,
        body: {
          url: 'https://example.com/',
          tags: ['old'],
          expires_at: '2027-01-01T00:00:00.000Z',
        },
      });
      expect(
        (await api<Version[]>('GET', `/links/${link.id}/versions?limit=1`)).body,
      ).toMatchObject([
        { action: 'link.updated', changes: { tags: { from: ['new'], to: ['old'] } } },
      ]);
      const other = await create({});
      expect(
        await api('POST', `/links/${other.id}/versions/${versions[1]!.id}/restore`),
      ).toMatchObject({
        status: 404,
        body: { code: 'link_version_not_found' },
      });
    });

    it('never keeps or shows the hash of a password in versions or in the audit log', async () => {
      await context.database.query(
        'alter table headwater.link add column if not exists password_hash text',
      );
      const link = await create({ key: 'secret' });
      await context.database.query(
        "update headwater.link set password_hash = 'hash-of-it' where id = $1",
        [link.id],
      );
      await api('PATCH', `/links/${link.id}`, { notes: 'changed' });
      for (const path of [`/links/${link.id}/versions`, `/audit?subject_id=${link.id}`]) {
        const { status, body } = await api<unknown[]>('GET', path);
        expect([status, body.length]).toEqual([200, 2]);
        expect(JSON.stringify(body)).not.toMatch(/hash-of-it|password_hash/);
      }
      expect(await count('link_version', "snapshot::text like '%hash-of-it%'")).toBe(0);
    });
  });
});
