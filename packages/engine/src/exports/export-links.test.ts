import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { createApp } from '../http/app.ts';
import { createKeyring } from '../security/keyring.ts';
import { createSnapshotHandler } from './serve-snapshot.ts';
import { readSnapshot, UntrustedSnapshotError } from './signed-snapshot.ts';
import { toStaticRedirect } from './static-redirects.ts';

/** Destinations that would end a string, begin a variable, or start a line of their own where nobody takes care. */
const hostile: Readonly<Record<string, string>> = {
  quote: 'https://example.com/a"; return 200 "owned',
  dollar: 'https://example.com/$http_cookie?x=${host}',
  brace: 'https://example.com/{env.SECRET}/{{x}}',
  backslash: String.raw`https://example.com/a?b=\"c\\`,
  semicolon: "https://example.com/a;b='c'",
  hash: 'https://example.com/a#"frag;$x ',
  backtick: 'https://example.com/`id`',
  umlaut: 'https://exämple.com/größe?q=ü',
  colon: 'https://example.com/:splat/:id',
};

describe('the export of links over HTTP', () => {
  let context: TestContext;
  let get: (query: string) => Promise<string>;
  beforeAll(async () => {
    context = await openTestContext('pglite', { links: { domains: ['go.test'] } });
    const api = await openApi(context, await context.workspaces.first());
    const app = createApp(context);
    get = async (query) => {
      const answer = await app.request(`http://api.test/hw/api/links/export?${query}`, {
        headers: { authorization: `Bearer ${api.key}` },
      });
      if (answer.status !== 200) throw new Error(`The export answers ${answer.status}.`);
      return answer.text();
    };
    const links = Object.entries(hostile).map(([key, url]) => ({ key, url: url.trim() }));
    const made = await api<{ results: Array<{ status: string; error?: string }> }>(
      'POST',
      '/links/batch',
      {
        links: [
          ...links,
          { key: 'plain', url: 'https://example.com/', utm_source: 'mail', tags: ['a,b', '"c"'] },
          { key: 'Folded', domain: 'other.test', url: 'https://example.com/other' },
          { key: 'over', url: 'https://example.com/over', expires_at: '2026-01-01T00:00:00Z' },
          { key: '-formula', url: 'https://example.com/', notes: '=1+1\nsecond line' },
        ],
      },
    );
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    await context.database.query(
      "update headwater.link set case_sensitive = false where domain = 'other.test'",
    );
    await api('POST', '/links', {
      key: 'guarded',
      url: 'https://example.com/for-members-only',
      password: 'open sesame',
    });
    await api('POST', '/links', { key: 'docs/*', url: 'https://docs.example.com/{*}' });
    await api('POST', '/links', {
      key: 'ruled',
      url: 'https://example.com/for-everybody',
      routing: {
        version: 1,
        rules: [
          {
            name: 'French',
            when: [{ kind: 'language', in: ['fr'] }],
            url: 'https://example.com/fr',
          },
          {
            name: 'Germany',
            when: [{ kind: 'country', in: ['DE'] }],
            url: 'https://example.com/de',
          },
        ],
      },
    });
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('writes NDJSON, JSON and CSV of every link with its counters', async () => {
    const rows = (await get('format=ndjson'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows).toHaveLength(Object.keys(hostile).length + 7);
    expect(rows.find(({ key }) => key === 'plain')).toMatchObject({
      url: 'https://example.com/',
      tags: ['a,b', '"c"'],
      total_clicks: 0,
    });
    expect(JSON.parse(await get('format=json'))).toEqual(rows);
    const csv = await get('format=csv');
    expect(csv.split('\r\n')[0]).toContain('id,domain,key,short_url,url,');
    expect(csv).toContain(`"[""a,b"",""\\""c\\""""]"`);
    // A spreadsheet would run it.
    expect(csv).toContain("'=1+1");
    expect(csv).not.toContain('password');
  });

  const string = '"[\\x21\\x23\\x25-\\x3A\\x3D\\x3F-\\x5B\\x5D-\\x5F\\x61-\\x7A\\x7E#]*"';

  it('writes a map for nginx that no destination can break out of', async () => {
    const file = await get('format=nginx');
    const [, body] = /map \$host\$uri \$headwater_location \{\n([^]*)^\}$/m.exec(file)!;
    const lines = body!.trimEnd().split('\n').slice(1);
    const entry = new RegExp(`^  (?:"~\\^[a-z\\\\.]+/[\\w-]+\\$"|"[a-z.]+/[\\w-]+") ${string};$`);
    for (const line of lines) expect(line).toMatch(/^ {2}# [a-z.]+$/.test(line) ? /#/ : entry);
    expect(file).toContain(
      String.raw`  "~^go\.test/plain$" "https://example.com/?utm_source=mail";`,
    );
    // Texts know no case there.
    expect(file).toContain('  "other.test/Folded" "https://example.com/other";');
    expect(file).toContain('%22%3B%20return%20200%20%22owned');
    expect(file).toContain('4 links are left out');
  });

  it('writes a Caddyfile that no destination can break out of', async () => {
    const file = await get('format=caddy');
    const entries = file
      .split('\n')
      .filter((line) => line.startsWith('\t\t') && !line.includes('default'));
    expect(entries).toHaveLength(Object.keys(hostile).length + 3);
    const entry = new RegExp(`^\t\t"(?:~\\(\\?i\\)\\^)?/[\\w-]+\\$?" ${string}$`);
    for (const line of entries) expect(line).toMatch(entry);
    expect(file).toContain('\t\t"~(?i)^/Folded$" "https://example.com/other"');
    // Braces are balanced: no destination has opened or closed one.
    expect(file.match(/\{/g)!.length).toBe(file.match(/\}/g)!.length);
  });

  it('writes redirects for Netlify that no destination can break out of', async () => {
    const lines = (await get('format=netlify')).trimEnd().split('\n');
    const entries = lines.filter((line) => !line.startsWith('#'));
    expect(entries).toHaveLength(Object.keys(hostile).length + 3);
    for (const line of entries)
      expect(line).toMatch(/^https:\/\/[a-z.]+\/[\w-]+ https:\/\/[^\s:]+(?::\d+)?[^\s:]* 302!$/);
  });

  it('leaves out what a file has no words for: rules', async () => {
    for (const format of ['nginx', 'caddy', 'netlify'])
      expect(await get(`format=${format}`)).not.toContain('for-everybody');
  });

  it('never says where a link with a password leads, nor one that has expired', async () => {
    for (const format of ['nginx', 'caddy', 'netlify', 'snapshot']) {
      const file = await get(`format=${format}`);
      expect(file).not.toContain('for-members-only');
      expect(file).not.toContain('/over');
    }
  });

  /** As a file has it. */
  const locationOf = (url: string): string => {
    const campaign = { utmSource: null, utmMedium: null, utmCampaign: null };
    const link = { domain: 'go.test', key: 'a', caseSensitive: true, url, ...campaign };
    return toStaticRedirect({ ...link, utmContent: null, utmTerm: null } as never, 'nginx')!
      .location;
  };

  it('keeps the address: what is escaped means the same', () => {
    for (const url of Object.values(hostile)) {
      if (/[^\u0020-\u007E]/.test(url)) continue;
      const [before, after] = [new URL(url), new URL(locationOf(url))];
      expect(decodeURIComponent(after.pathname + after.search)).toBe(
        decodeURIComponent(before.pathname + before.search),
      );
    }
  });

  it('leaves out what a file has no words for: patterns of keys, and apps where only the web is known', () => {
    const link = { domain: 'go.test', key: 'a', caseSensitive: true, url: 'myapp://x' };
    const campaign = {
      utmSource: null,
      utmMedium: null,
      utmCampaign: null,
      utmContent: null,
      utmTerm: null,
    };
    const redirect = (changes: object, format: 'netlify' | 'nginx') =>
      toStaticRedirect({ ...link, ...campaign, ...changes } as never, format);
    expect(redirect({}, 'netlify')).toBeUndefined();
    expect(redirect({}, 'nginx')).toMatchObject({ location: 'myapp://x' });
    expect(redirect({ key: 'docs/*' }, 'nginx')).toBeUndefined();
    expect(redirect({ domain: 'go.test:8443' }, 'nginx')).toBeUndefined();
  });

  describe('as a signed snapshot', () => {
    it('serves the same redirects without a database', async () => {
      const { links } = await readSnapshot(
        context.keyring,
        (await get('format=snapshot')).split('\n'),
      );
      const serve = createSnapshotHandler(links, context.clock);
      const ask = (url: string, method = 'GET') => serve(new Request(url, { method }));
      expect(ask('https://go.test/plain?gclid=1').headers.get('location')).toBe(
        'https://example.com/?utm_source=mail&gclid=1',
      );
      expect(ask('https://go.test/PLAIN').status).toBe(404);
      expect(ask('https://other.test/FOLDED').headers.get('location')).toBe(
        'https://example.com/other',
      );
      expect(ask('https://go.test/nothing').status).toBe(404);
      expect(ask('https://go.test/plain', 'POST').status).toBe(405);
      expect(ask('https://go.test/plain').headers.get('set-cookie')).toBeNull();
    });

    it('obeys rules and patterns as far as a request tells by itself', async () => {
      const { links } = await readSnapshot(
        context.keyring,
        (await get('format=snapshot')).split('\n'),
      );
      const serve = createSnapshotHandler(links, context.clock);
      const ask = (path: string, language: string) =>
        serve(
          new Request(`https://go.test/${path}`, { headers: { 'accept-language': language } }),
        ).headers.get('location');
      expect(ask('ruled', 'fr-CH,fr;q=0.9')).toBe('https://example.com/fr');
      expect(ask('ruled', 'de')).toBe('https://example.com/for-everybody');
      expect(ask('docs/guides/start', 'en')).toBe('https://docs.example.com/guides/start');
      expect(ask('docs/*', 'en')).not.toContain('{');
    });

    it('is refused where one byte was changed, a line is missing, or another secret signed it', async () => {
      const lines = (await get('format=snapshot')).trimEnd().split('\n');
      const changed = lines.map((line) =>
        line.replace('https://example.com/other', 'https://evil.test/other'),
      );
      for (const bad of [changed, lines.toSpliced(2, 1), lines.slice(0, -1), [], ['{}']])
        await expect(readSnapshot(context.keyring, bad)).rejects.toThrow(UntrustedSnapshotError);
      const other = createKeyring([
        { id: 'test', value: 'another secret that is long enough, too' },
      ]);
      await expect(readSnapshot(other, lines)).rejects.toThrow(/another secret/);
      const rotated = createKeyring([
        { id: 'new', value: 'another secret that is long enough, too' },
        { id: 'test', value: 'a secret of the tests that is long enough' },
      ]);
      expect((await readSnapshot(rotated, lines)).links.length).toBe(lines.length - 2);
    });
  });
});
