import { gzipSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import { explainAccessLogs } from './explain-access-log.ts';
import type { ExplainAccessLogOptions } from './explain-access-log.ts';

const browser = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0';
const crawler = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
const instagram =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Instagram 350.0';

function line(target: string, referrer = '-', userAgent = browser): string {
  return `203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET ${target} HTTP/1.1" 200 17 "${referrer}" "${userAgent}"\n`;
}

async function* streamOf(bytes: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(bytes));
}

async function explain(lines: readonly string[], options: ExplainAccessLogOptions = {}) {
  return orThrow(
    await explainAccessLogs([streamOf(lines.join(''))], {
      site: 'https://shop.example',
      ...options,
    }),
  );
}

describe('an access log that is explained', () => {
  it('has one row for all page views that say the same', async () => {
    const { arrivals, pageviews } = await explain([
      line('/', 'https://www.google.de/search?q=secret'),
      line('/pricing', 'https://www.google.de/'),
      line('/', 'https://www.google.fr/'),
      line('/', 'https://shop.example/pricing'),
      line('/'),
    ]);
    expect(pageviews).toBe(5);
    expect(
      arrivals.map(({ decision, evidence, pageviews: views }) => [
        views,
        decision.channel,
        decision.rule,
        evidence.referrerHost,
      ]),
    ).toEqual([
      [2, 'Organic Search', 'referrer.search.google', 'google.de'],
      [1, 'Direct', 'direct', undefined],
      [1, 'Direct', 'own_host', 'shop.example'],
      [1, 'Organic Search', 'referrer.search.google', 'google.fr'],
    ]);
  });

  it('tells tags, click ids, partners and apps, and nothing that leads to a person', async () => {
    const { arrivals } = await explain([
      line('/?utm_source=news&utm_medium=email&utm_campaign=may&utm_content=ann%40example.com'),
      line('/?gclid=abc123'),
      line('/?via=dora'),
      line('/', '-', instagram),
    ]);
    expect(arrivals.map(({ evidence }) => evidence)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          tags: { source: 'news', medium: 'email', campaign: 'may' },
        }),
        expect.objectContaining({ clickId: 'gclid' }),
        expect.objectContaining({ partner: 'via' }),
        expect.objectContaining({ inApp: 'Instagram' }),
      ]),
    );
    expect(JSON.stringify(arrivals)).not.toMatch(/ann@|abc123|dora|203\.0|pricing/);
  });

  it('leaves out machines, files, and requests that were answered with an error', async () => {
    const { lines, machines, pageviews, arrivals } = await explain([
      line('/', '-', crawler),
      line('/logo.png', 'https://www.google.de/'),
      line('/', 'https://www.google.de/').replace(' 200 ', ' 404 '),
      'no line of a log\n',
    ]);
    expect({ lines, machines, pageviews, arrivals }).toEqual({
      lines: 4,
      machines: 1,
      pageviews: 0,
      arrivals: [],
    });
  });

  it('may be several files, packed or not, of which the first one tells the site', async () => {
    const assets = Array.from({ length: 30 }, () => line('/logo.png', 'https://shop.example/'));
    const { site, arrivals } = orThrow(
      await explainAccessLogs([
        streamOf(gzipSync(assets.join(''))),
        streamOf(line('/', 'https://shop.example/pricing')),
      ]),
    );
    expect(site).toEqual({ origin: 'https://shop.example', guessed: true });
    expect(arrivals).toMatchObject([{ decision: { rule: 'own_host' } }]);
  });

  it('is decided by rules of a workspace where there are some', async () => {
    const { arrivals } = await explain([line('/', 'https://reseller.example/')], {
      rules: [
        {
          name: 'resellers',
          when: [{ field: 'referrer_host', is: ['reseller.example'] }],
          set: { channel: 'Affiliates' },
        },
      ],
    });
    expect(arrivals).toMatchObject([
      { decision: { channel: 'Affiliates', rule: 'workspace.resellers' } },
    ]);
  });

  it('counts what comes before the end of a file that is cut off', async () => {
    const whole = gzipSync(Array.from({ length: 5_000 }, (_, n) => line(`/${n}`)).join(''));
    const { ended, pageviews } = orThrow(
      await explainAccessLogs([streamOf(whole.subarray(0, whole.length - 100))]),
    );
    expect(ended).toBe('cut_off');
    expect(pageviews).toBeGreaterThan(0);
  });

  it('is refused where the site is none', async () => {
    expect(await explainAccessLogs([], { site: 'shop' })).toMatchObject({
      ok: false,
      errors: { site: [expect.stringContaining('scheme and host')] },
    });
  });
});
