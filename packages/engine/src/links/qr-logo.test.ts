import jsqr from 'jsqr';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openApi } from '../../../../test/support/api.ts';
import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { createApp } from '../http/app.ts';

/** A picture by another encoder than ours, in each of the forms that it writes. */
function picture(colorType: 0 | 2 | 4 | 6, width = 64, height = 48): string {
  const image = new PNG({ width, height });
  for (let at = 0; at < image.data.length; at += 4) image.data.set([at % 256, 40, 200, 255], at);
  return PNG.sync.write(image, { colorType }).toString('base64');
}

describe('the QR code with a logo over HTTP', () => {
  let context: TestContext;
  let ask: (body: Record<string, unknown>) => Promise<Response>;
  beforeAll(async () => {
    context = await openTestContext('pglite', { links: { domains: ['go.test'] } });
    const api = await openApi(context, await context.workspaces.first());
    const link = await api<{ id: string }>('POST', '/links', {
      key: 'launch-2026',
      url: 'https://example.com/',
    });
    const app = createApp(context);
    ask = async (body) =>
      app.request(`http://api.test/hw/api/links/${link.body.id}/qr`, {
        method: 'POST',
        headers: { authorization: `Bearer ${api.key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const scan = async (answer: Response): Promise<string | undefined> => {
    expect(answer.status).toBe(200);
    const { data, width, height } = PNG.sync.read(Buffer.from(await answer.arrayBuffer()));
    return jsqr.default(new Uint8ClampedArray(data), width, height)?.data;
  };

  it.each([0, 2, 4, 6] as const)(
    'is read by a scanner with a logo of colour type %s, in colours and with its margin',
    async (colorType) => {
      const logo = picture(colorType);
      for (const options of [{}, { logo_size: 25, margin: 2, color: '102080', size: 6 }]) {
        const answer = await ask({ format: 'png', logo, ...options });
        expect(await scan(answer)).toBe('https://go.test/launch-2026?qr=1');
      }
    },
  );

  it('shows the logo in the middle, and raises error correction for what it hides', async () => {
    const [plain, withLogo] = await Promise.all([
      ask({ format: 'png' }),
      ask({ format: 'png', logo: picture(6) }),
    ]);
    const [one, other] = await Promise.all(
      [plain, withLogo].map(async (answer) =>
        PNG.sync.read(Buffer.from(await answer.arrayBuffer())),
      ),
    );
    // More correction takes more modules.
    expect(other!.width).toBeGreaterThan(one!.width);
    const middle =
      (Math.floor(other!.height / 2) * other!.width + Math.floor(other!.width / 2)) * 4;
    expect([...other!.data.subarray(middle + 1, middle + 3)]).toEqual([40, 200]);
  });

  it('stands in an SVG as its pixels alone, which the policy lets be shown', async () => {
    const logo = Buffer.concat([
      Buffer.from(picture(6), 'base64'),
      Buffer.from('<script>alert(1)</script>'),
    ]);
    const answer = await ask({ logo: logo.toString('base64') });
    const svg = await answer.text();
    const [, embedded] = /<image [^>]*href="data:image\/png;base64,([\w+/=]+)"\/><\/svg>$/.exec(
      svg,
    )!;
    const image = PNG.sync.read(Buffer.from(embedded!, 'base64'));
    expect([image.width, image.height]).toEqual([64, 48]);
    expect(Buffer.from(embedded!, 'base64').includes('script')).toBe(false);
    expect(answer.headers.get('content-security-policy')).toContain('img-src data:');
  });

  it.each([
    ['an address', 'https://example.com/logo.png'],
    ['another format', Buffer.from('GIF89a'.padEnd(40)).toString('base64')],
    ['a damaged file', Buffer.from(picture(6), 'base64').fill(0, 60, 90).toString('base64')],
    ['too many pixels', picture(6, 1_025, 1)],
    ['a file that is too long', Buffer.alloc(257 * 1024).toString('base64')],
  ])('refuses %s as a logo, by name', async (_what, logo) => {
    const answer = await ask({ logo });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ errors: { logo: [expect.any(String)] } });
  });

  it('refuses a logo that would hide too much', async () => {
    const answer = await ask({ logo: picture(6), logo_size: 40 });
    expect(await answer.json()).toMatchObject({ errors: { logo_size: ['must be 10 to 25'] } });
  });
});
