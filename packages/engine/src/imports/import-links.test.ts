import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';

interface Report {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly refused: number;
  readonly ignored_columns: string[];
  readonly results: Array<{
    readonly row: number;
    readonly outcome: string;
    readonly key?: string;
    readonly errors?: Record<string, string[]>;
    readonly notes: string[];
  }>;
}

interface Shown {
  readonly key: string;
  readonly url: string;
  readonly tags: string[];
  readonly metadata: Record<string, unknown>;
}

describe('importing the links of other products over HTTP', () => {
  let context: TestContext;
  let api: Api;
  beforeAll(async () => {
    context = await openTestContext('pglite', { links: { domains: ['go.test'] } });
    api = await openApi(context, await context.workspaces.first());
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const send = async (from: string, content: unknown, more: Record<string, unknown> = {}) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    const { status, body } = await api<Report>('POST', '/links/import', {
      from,
      content: text,
      ...more,
    });
    expect(status).toBe(200);
    return body;
  };
  /** The dry run says what the run then does, row by row. */
  const both = async (from: string, content: unknown, more: Record<string, unknown> = {}) => {
    const before = (await api<unknown[]>('GET', '/links?limit=200')).body.length;
    const dry = await send(from, content, { ...more, dry_run: true });
    expect((await api<unknown[]>('GET', '/links?limit=200')).body).toHaveLength(before);
    const real = await send(from, content, more);
    // A key that is made when it is written is not known before.
    const outline = ({ results }: Report) =>
      results.map(({ row, outcome, key, errors }, index) => ({
        row,
        outcome,
        errors,
        key: dry.results[index]?.key === undefined ? undefined : key,
      }));
    expect(outline(real)).toEqual(outline(dry));
    return real;
  };
  const linkOf = async (key: string, domain = 'go.test') => {
    const { body } = await api<Shown[]>('GET', `/links?domain=${domain}&search=${key}&limit=200`);
    return body.find((link) => link.key === key);
  };

  it('Bitly: the answer of its API, with every back-half of one’s own', async () => {
    const report = await both('bitly', {
      links: [
        {
          created_at: '2024-03-05T09:12:44+0000',
          id: 'bit.ly/3xYzAbC',
          link: 'https://bit.ly/3xYzAbC',
          custom_bitlinks: ['https://go.test/spring'],
          long_url: 'https://example.com/spring?utm_source=mail',
          title: 'Spring campaign',
          archived: false,
          tags: ['spring', 'mail'],
          deeplinks: [],
        },
        {
          id: 'go.test/old',
          link: 'https://go.test/old',
          long_url: 'https://example.com/',
          archived: true,
          tags: [],
        },
      ],
      pagination: { next: '', size: 50, total: 2 },
    });
    expect(report.results).toMatchObject([
      {
        row: 1,
        outcome: 'refused',
        errors: { domain: [expect.stringContaining('bit.ly belongs to')] },
      },
      { row: 1, outcome: 'created', key: 'spring' },
      { row: 2, outcome: 'skipped', notes: ['is archived there'] },
    ]);
    expect(await linkOf('spring')).toMatchObject({
      url: 'https://example.com/spring?utm_source=mail',
      tags: ['spring', 'mail'],
      notes: 'Spring campaign',
      metadata: { imported_from: 'bitly', imported_created_at: '2024-03-05T09:12:44+0000' },
    });
  });

  it('Bitly: the file of its dashboard, onto a domain of one’s own', async () => {
    const csv =
      'Bitlink,Long URL,Title,Created,Tags,Engagements\r\n' +
      'bit.ly/4abcDEF,https://example.com/a,"Title, with comma",2024-01-02,"one,two",1234\r\n';
    const report = await both('bitly', csv, { domain: 'go.test' });
    expect(report).toMatchObject({ created: 1, ignored_columns: [] });
    expect(await linkOf('4abcDEF')).toMatchObject({
      tags: ['one', 'two'],
      metadata: { imported_clicks: 1234 },
    });
  });

  it('Dub: links with targets by country, tags, comments; one with a password is refused', async () => {
    const link = {
      id: 'link_1',
      domain: 'go.test',
      key: 'dub-one',
      url: 'https://example.com/dub',
      externalId: 'crm-9',
      expiresAt: '2027-05-01T00:00:00.000Z',
      password: null,
      title: 'Card',
      description: null,
      image: 'data:image/png;base64,AAAA',
      ios: 'https://apps.apple.com/app/id1',
      android: null,
      geo: { DE: 'https://example.de/' },
      tags: [{ id: 'tag_1', name: 'launch', color: 'red' }],
      comments: 'for Ann',
      utm_source: 'x',
      clicks: 17,
      archived: false,
      shortLink: 'https://go.test/dub-one',
    };
    const report = await both('dub', [
      link,
      { ...link, key: 'dub-two', externalId: null, password: 'pw' },
    ]);
    expect(report.results).toMatchObject([
      { outcome: 'created', key: 'dub-one' },
      { outcome: 'refused', errors: { password: [expect.stringContaining('open to everybody')] } },
    ]);
    expect(JSON.stringify(report)).not.toContain('"pw"');
    expect(await linkOf('dub-one')).toMatchObject({
      external_id: 'crm-9',
      geo_targeting: { DE: 'https://example.de/' },
      ios_url: 'https://apps.apple.com/app/id1',
      og_title: 'Card',
      og_image: null,
      tags: ['launch'],
      notes: 'for Ann',
      utm_source: 'x',
      expires_at: '2027-05-01T00:00:00.000Z',
    });
    const csv =
      'Short link,Destination URL,Clicks,Created at\nhttps://go.test/dub-csv,https://example.com/c,3,2025-01-01T00:00:00.000Z\n';
    expect(await both('dub', csv)).toMatchObject({ created: 1 });
  });

  it('Kutt: the answer of its API', async () => {
    const data = [
      {
        address: 'kutt-1',
        link: 'https://go.test/kutt-1',
        target: 'https://example.com/k',
        description: 'why',
        banned: false,
        password: false,
        expire_in: '2027-01-01T00:00:00.000Z',
        visit_count: 5,
        created_at: '2023-01-01T00:00:00.000Z',
      },
      {
        address: 'kutt-2',
        link: 'https://go.test/kutt-2',
        target: 'https://example.com/k',
        banned: true,
        password: false,
        visit_count: 0,
      },
      {
        address: 'kutt-3',
        link: 'https://go.test/kutt-3',
        target: 'https://example.com/k',
        banned: false,
        password: true,
        visit_count: 0,
      },
    ];
    const report = await both('kutt', { limit: 10, skip: 0, total: 3, data });
    expect(report.results.map(({ outcome }) => outcome)).toEqual(['created', 'skipped', 'refused']);
    expect(await linkOf('kutt-1')).toMatchObject({
      expires_at: '2027-01-01T00:00:00.000Z',
      notes: 'why',
      metadata: { imported_clicks: 5 },
    });
  });

  it('Shlink: the answer of its API and the file of its web client', async () => {
    const json = {
      shortUrls: {
        data: [
          {
            shortCode: 'shl-1',
            shortUrl: 'https://go.test/shl-1',
            longUrl: 'https://example.com/s',
            dateCreated: '2024-06-01T10:00:00+02:00',
            visitsSummary: { total: 9, nonBots: 8, bots: 1 },
            tags: ['a'],
            meta: { validSince: null, validUntil: '2027-02-01T00:00:00+00:00', maxVisits: 100 },
            domain: null,
            title: 'T',
            crawlable: false,
            forwardQuery: true,
            hasRedirectRules: true,
          },
        ],
        pagination: { currentPage: 1, pagesCount: 1 },
      },
    };
    const report = await both('shlink', json);
    expect(report.results).toMatchObject([
      { outcome: 'created', notes: expect.arrayContaining(['redirect rules: not kept']) },
    ]);
    expect(await linkOf('shl-1')).toMatchObject({
      expires_at: '2027-02-01T00:00:00.000Z',
      metadata: { imported_clicks: 9 },
    });
    const csv =
      'createdAt,shortUrl,longUrl,title,tags,visits\n2024-01-01T00:00:00+00:00,https://go.test/shl-2,https://example.com/2,,"x|y",4\n';
    expect(await both('shlink', csv)).toMatchObject({ created: 1 });
    expect(await linkOf('shl-2')).toMatchObject({ tags: ['x', 'y'] });
  });

  it('YOURLS: its table, and the answer of its API; the address of who made a link stays there', async () => {
    const csv =
      'keyword,url,title,timestamp,ip,clicks\nozh,https://example.com/y,Ozh,2010-05-01 12:00:00,203.0.113.9,42\n';
    const report = await both('yourls', csv);
    expect(report).toMatchObject({ created: 1, ignored_columns: ['ip'] });
    expect(JSON.stringify(await linkOf('ozh'))).not.toContain('203.0.113');
    const stats = {
      links: {
        link_1: {
          shorturl: 'https://go.test/yo2',
          url: 'https://example.com/y2',
          title: 'x',
          timestamp: '2010-05-01 12:00:00',
          ip: '::1',
          clicks: '7',
        },
      },
      stats: { total_links: '1', total_clicks: '7' },
    };
    await both('yourls', stats);
    expect(await linkOf('yo2')).toMatchObject({ metadata: { imported_clicks: 7 } });
  });

  it('Rebrandly: links of its API', async () => {
    const link = {
      id: 'a1',
      title: 'Burn',
      slashtag: 'burn10M',
      destination: 'https://example.com/r',
      shortUrl: 'go.test/burn10M',
      domain: { id: 'd', fullName: 'go.test' },
      createdAt: '2016-07-13T10:54:12.000Z',
      clicks: 42,
      favourite: false,
    };
    await both('rebrandly', [
      link,
      { ...link, slashtag: 'two', domain: { fullName: 'rebrand.ly' }, shortUrl: 'rebrand.ly/two' },
    ]);
    expect(await linkOf('burn10M')).toMatchObject({
      notes: 'Burn',
      metadata: { imported_clicks: 42 },
    });
  });

  it('Short.io: links of its API', async () => {
    const report = await both('short-io', {
      links: [
        {
          idString: 'lnk_1',
          path: 'sio',
          originalURL: 'https://example.com/sio',
          shortURL: 'https://go.test/sio',
          secureShortURL: 'https://go.test/sio',
          title: 'S',
          tags: ['t'],
          iphoneURL: 'https://apps.apple.com/app/id2',
          clicksLimit: 50,
          cloaking: true,
          createdAt: '2024-01-01T00:00:00.000Z',
          expiresAt: 1_800_000_000_000,
          archived: false,
          hasPassword: false,
        },
      ],
      count: 1,
      nextPageToken: null,
    });
    expect(report.results).toMatchObject([
      { outcome: 'created', notes: expect.arrayContaining(['cloaking: not kept']) },
    ]);
    expect(await linkOf('sio')).toMatchObject({
      ios_url: 'https://apps.apple.com/app/id2',
      expires_at: new Date(1_800_000_000_000).toISOString(),
    });
  });

  describe('CSV of anybody', () => {
    it('says of each row which field breaks which rule, and imports the others', async () => {
      const csv = [
        'url;key;tags;expires_at;colour',
        'https://example.com/1;csv-1;a,b;2027-01-01;red',
        'javascript:alert(1);csv-2;;;',
        'https://example.com/3;no key!;;;',
        'https://example.com/4;csv-1;;;',
        'https://example.com/5;csv-5;;31 December;',
        'https://example.com/6;;;;',
      ].join('\n');
      const report = await both('csv', csv);
      expect(report.results).toMatchObject([
        { row: 2, outcome: 'created', key: 'csv-1' },
        { row: 3, outcome: 'refused', errors: { url: [expect.stringContaining('not allowed')] } },
        { row: 4, outcome: 'refused', errors: { key: [expect.any(String)] } },
        { row: 5, outcome: 'refused', errors: { key: ['is given twice'] } },
        { row: 6, outcome: 'refused', errors: { expires_at: ['must be a valid date'] } },
        { row: 7, outcome: 'created' },
      ]);
      expect(report.ignored_columns).toEqual(['colour']);
    });

    it('leaves links alone that are here, or updates them, and does nothing the second time', async () => {
      const csv = 'url,key,tags\nhttps://example.com/new,csv-1,fresh\n';
      expect(await both('csv', csv)).toMatchObject({
        skipped: 1,
        results: [{ notes: ['is here already'] }],
      });
      expect(await send('csv', csv, { on_existing: 'update' })).toMatchObject({ updated: 1 });
      expect(await linkOf('csv-1')).toMatchObject({
        url: 'https://example.com/new',
        tags: ['fresh'],
        expires_at: '2027-01-01T00:00:00.000Z',
      });
      expect(await send('csv', csv, { on_existing: 'update' })).toMatchObject({
        unchanged: 1,
        updated: 0,
      });
    });

    it('takes its own export as it is', async () => {
      await api('POST', '/links', {
        key: '-odd',
        url: 'https://example.com/',
        notes: '=1+1',
        tags: ['a,b'],
        metadata: { deep: { x: 1 } },
      });
      for (const format of ['csv', 'ndjson', 'json']) {
        const answer = await fetchText(`/links/export?format=${format}`);
        const report = await send('csv', answer, { on_existing: 'update' });
        expect([format, report.refused]).toEqual([format, 0]);
        expect([format, report.updated]).toEqual([format, 0]);
        expect([format, report.created]).toEqual([format, 0]);
      }
    });

    it('refuses what is no export at all', async () => {
      for (const content of ['', '   ', '[]', '{"links":[]}', '{"a":1\n', 'url,key\n'])
        expect([content, (await api('POST', '/links/import', { content })).status]).toEqual([
          content,
          422,
        ]);
    });
  });

  async function fetchText(path: string): Promise<string> {
    const { createApp } = await import('../http/app.ts');
    const { key } = api as Api & { key: string };
    const app = createApp(context);
    const answer = await app.request(`http://api.test/hw/api${path}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    return answer.text();
  }
});
