import jsqr from 'jsqr';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { orThrow } from '../kernel/result.ts';
import type { LinkInput } from '../links/create-link.ts';
import { qrCorrections } from '../links/qr-options.ts';
import { createTestHeadwater } from '../testing/index.ts';
import type { TestHeadwater } from '../testing/index.ts';

/** What a scanner reads in an image: decoded by others than those who drew it. */
function scan({ data, width, height }: PNG): string | undefined {
  return jsqr.default(new Uint8ClampedArray(data), width, height)?.data;
}

/** As much of an SVG renderer as these images need: rectangles of whole squares. */
function render(svg: string, scale: number): PNG {
  const side = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)![1]);
  const image = new PNG({ width: side * scale, height: side * scale, fill: true });
  image.data.fill(0xff);
  for (const [, x, y, length] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    for (let row = Number(y) * scale; row < (Number(y) + 1) * scale; row += 1) {
      const start = (row * side * scale + Number(x) * scale) * 4;
      for (let at = start; at < start + Number(length) * scale * 4; at += 4)
        image.data.fill(0, at, at + 3);
    }
  }
  return image;
}

describe('the QR code of a link', () => {
  let hw: TestHeadwater;
  beforeAll(async () => {
    hw = await createTestHeadwater({
      links: { domains: ['mybrand.link', 'mybrand.link:8443', 'folded.link'] },
    });
    orThrow(await hw.links.create({ key: 'gw-launch', url: 'https://example.com/' }));
  }, 30_000);
  afterAll(() => hw.close());

  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    hw.handler(new Request(`https://mybrand.link${path}`, { method, headers }));
  const png = async (path: string): Promise<PNG> =>
    PNG.sync.read(Buffer.from(await (await get(path)).arrayBuffer()));
  const create = async (input: Partial<LinkInput>) =>
    orThrow(await hw.links.create({ url: 'https://example.com/', ...input }));

  it('is an SVG that a scanner reads, whose click counts as a scan', async () => {
    const answer = await get('/gw-launch/qr');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
    const svg = await answer.text();
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="\d+" height="\d+"/);
    const read = scan(render(svg, 4))!;
    expect(read).toBe('https://mybrand.link/gw-launch?qr=1');

    const chrome = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0';
    await hw.handler(new Request(read, { headers: { 'user-agent': chrome } }));
    const link = (await hw.links.getByKey('mybrand.link', 'gw-launch'))!;
    expect(orThrow(await hw.links.clicks(link.id)).clicks).toMatchObject([
      { properties: { qr: true } },
    ]);
    expect(orThrow(await hw.links.stats(link.id))).toMatchObject({ clicks: 1, machineClicks: 0 });
  });

  it.each(qrCorrections)('is a PNG that a scanner reads, with %s error correction', async (ec) => {
    const answer = await get(`/gw-launch/qr?format=png&ec=${ec}`);
    expect(answer.headers.get('content-type')).toBe('image/png');
    const image = PNG.sync.read(Buffer.from(await answer.arrayBuffer()));
    expect(scan(image)).toBe('https://mybrand.link/gw-launch?qr=1');
  });

  it('is as large as it is asked for: pixels for each module, and an empty margin', async () => {
    const small = await png('/gw-launch/qr?format=png&size=1&margin=0');
    const modules = small.width;
    // Versions of a QR code have 17 modules and four more each (ISO/IEC 18004).
    expect((modules - 17) % 4).toBe(0);
    expect((await png('/gw-launch/qr?format=png')).width).toBe((modules + 8) * 10);
    const large = await png('/gw-launch/qr?format=png&size=50&margin=16');
    expect([large.width, large.height]).toEqual([(modules + 32) * 50, (modules + 32) * 50]);
    const svg = await (await get('/gw-launch/qr?size=3&margin=2')).text();
    expect(svg).toContain(`width="${(modules + 4) * 3}" height="${(modules + 4) * 3}"`);
  });

  it('has the colours that it is asked for, by both names', async () => {
    for (const query of ['color=1A2b3C&background=fff0e0', 'fg=1a2b3c&bg=FFF0E0']) {
      const svg = await (await get(`/gw-launch/qr?${query}`)).text();
      expect(svg).toContain('fill="#1a2b3c"');
      expect(svg).toContain('fill="#fff0e0"');
      const image = await png(`/gw-launch/qr?format=png&${query}`);
      // The first pixel is in the margin, the first of the code in its corner mark.
      expect(image.data.readUIntBE(0, 3)).toBe(0xfff0e0);
      expect(image.data.readUIntBE((40 * image.width + 40) * 4, 3)).toBe(0x1a2b3c);
      expect(scan(image)).toBe('https://mybrand.link/gw-launch?qr=1');
    }
  });

  it('names the host with its port, and the key as it was made', async () => {
    await create({ domain: 'mybrand.link:8443', key: 'ported' });
    const ported = await hw.handler(new Request('https://mybrand.link:8443/ported/qr'));
    expect(scan(render(await ported.text(), 4))).toBe('https://mybrand.link:8443/ported?qr=1');

    const long = `${'Long-key_'.repeat(28)}end`;
    await create({ key: long });
    expect(scan(await png(`/${long}/qr?format=png&ec=high&size=4`))).toBe(
      `https://mybrand.link/${long}?qr=1`,
    );
  });

  it('may be kept and shown everywhere, and run or framed nowhere', async () => {
    const { headers } = await get('/gw-launch/qr?format=png');
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'public, max-age=86400',
      etag: expect.stringMatching(/^"[\w-]{22}"$/) as string,
      'content-disposition': 'inline; filename="gw-launch.png"',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    expect(headers.get('set-cookie')).toBeNull();
  });

  it('is not sent again to somebody who has it', async () => {
    const etag = (await get('/gw-launch/qr')).headers.get('etag')!;
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await get('/gw-launch/qr', { 'if-none-match': known });
      expect([answer.status, await answer.text()]).toEqual([304, '']);
      expect(answer.headers.get('etag')).toBe(etag);
    }
    for (const path of ['/gw-launch/qr?size=11', '/gw-launch/qr?format=png'])
      expect((await get(path, { 'if-none-match': etag })).status).toBe(200);
  });

  it('is the same for everybody who asks at once, and for HEAD', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => get('/gw-launch/qr?format=png&size=7')),
    );
    expect(new Set(answers.map(({ headers }) => headers.get('etag'))).size).toBe(1);
    const head = await get('/gw-launch/qr?format=png&size=7', {}, 'HEAD');
    expect([head.status, head.headers.get('etag')]).toEqual([200, answers[0]!.headers.get('etag')]);
  });

  it('is gone with its link: 410 when it has expired, 404 when there is none', async () => {
    await create({ key: 'short-lived', expiresAt: new Date(hw.clock.now() + 90_000) });
    const answer = await get('/short-lived/qr');
    expect(answer.headers.get('cache-control')).toBe('public, max-age=90');
    hw.clock.advance({ seconds: 90 });
    const expired = await get('/short-lived/qr');
    expect([expired.status, await expired.text()]).toEqual([410, 'Link expired']);

    const archived = await create({ key: 'archived' });
    expect((await get('/archived/qr')).status).toBe(200);
    orThrow(await hw.links.archive(archived.id));
    for (const key of ['archived', 'nobody-knows']) {
      const missing = await get(`/${key}/qr`);
      expect([missing.status, await missing.text()]).toEqual([404, 'Link not found']);
    }
    expect((await get('/gw-launch/qr', {}, 'POST')).status).toBe(404);
    expect((await hw.handler(new Request('https://elsewhere.example/gw-launch/qr'))).status).toBe(
      404,
    );
  });

  it.each([
    ['svg', 'image/png', 'image/svg+xml'],
    ['png', 'text/html', 'image/png'],
  ])('is what its address asks for, %s, whatever Accept says', async (format, accept, type) => {
    const answer = await hw.handler(
      new Request(`https://mybrand.link/gw-launch/qr?format=${format}`, { headers: { accept } }),
    );
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining(type),
    ]);
  });

  it.each([
    ['size', 'size=0'],
    ['size', 'size=51'],
    ['size', 'size=999'],
    ['size', 'size=abc'],
    ['size', 'size=1.5'],
    ['margin', 'margin=17'],
    ['margin', 'margin=-1'],
    ['color', 'color=xyz'],
    ['fg', 'fg=%23ff0000'],
    ['background', 'background=ff00000'],
    ['color', 'color=ffffff'],
    ['ec', 'ec=ultra'],
    ['format', 'format=gif'],
  ])('refuses and names %s (%s)', async (field, query) => {
    const answer = await get(`/gw-launch/qr?${query}`);
    expect([answer.status, await answer.json()]).toEqual([
      422,
      {
        error: expect.stringContaining(field) as string,
        code: 'validation_failed',
        errors: { [field]: [expect.any(String)] },
      },
    ]);
  });

  it('is drawn by the library and the API too, before its domain is proven', async () => {
    const link = await create({ domain: 'waiting.example', key: 'print-me' });
    expect(link.domainVerified).toBe(false);
    const drawn = orThrow(await hw.links.qrCode(link.id, { format: 'png', ec: 'high' }));
    expect(drawn.contentType).toBe('image/png');
    expect(scan(PNG.sync.read(Buffer.from(drawn.body as Uint8Array)))).toBe(
      'https://waiting.example/print-me?qr=1',
    );
    expect(await hw.links.qrCode(link.id, { size: 51 })).toMatchObject({
      code: 'validation_failed',
      errors: { size: ['must be 1 to 50'] },
    });

    const { key } = orThrow(await hw.apiKeys.create({ kind: 'secret', name: 'QR' }));
    const api = (query: string, credentials = key) =>
      hw.handler(
        new Request(`https://mybrand.link/hw/api/links/${link.id}/qr?${query}`, {
          headers: { authorization: `Bearer ${credentials}` },
        }),
      );
    const answer = await api('format=png&ec=high');
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/png',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(Buffer.from(drawn.body as Uint8Array));
    for (const [field, query] of [
      ['size', 'size=0'],
      ['background', 'background=white'],
    ] as const) {
      const refused = await api(query);
      expect([refused.status, await refused.json()]).toMatchObject([
        422,
        { code: 'validation_failed', errors: { [field]: [expect.any(String)] } },
      ]);
    }
    expect((await api('', 'hw_sk_nobody')).status).toBe(401);
  });
});
