import { describe, expect, it } from 'vitest';

import { sharePlatforms, shareUrls } from './share-urls.ts';

const link = 'https://mybrand.link/gw-launch';

describe('shareUrls', () => {
  it('gives the eight addresses of a link', () => {
    expect(shareUrls(link)).toEqual({
      twitter: 'https://twitter.com/intent/tweet?url=https%3A%2F%2Fmybrand.link%2Fgw-launch',
      facebook:
        'https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Fmybrand.link%2Fgw-launch',
      linkedin:
        'https://www.linkedin.com/sharing/share-offsite/?url=https%3A%2F%2Fmybrand.link%2Fgw-launch',
      whatsapp: 'https://api.whatsapp.com/send?text=https%3A%2F%2Fmybrand.link%2Fgw-launch',
      telegram: 'https://t.me/share/url?url=https%3A%2F%2Fmybrand.link%2Fgw-launch',
      reddit: 'https://reddit.com/submit?url=https%3A%2F%2Fmybrand.link%2Fgw-launch',
      email: 'mailto:?subject=Check%20this%20out&body=https%3A%2F%2Fmybrand.link%2Fgw-launch',
      copy: link,
    });
  });

  it('says what the options say, each where the platform has a place for it', () => {
    const urls = shareUrls(link, {
      title: 'Check this out',
      text: 'Spring launch',
      via: '@headwater',
      hashtags: ['#launch', 'links'],
    });
    const read = (address: string) => Object.fromEntries(new URL(address).searchParams);
    expect(read(urls.twitter)).toEqual({
      url: link,
      text: 'Spring launch',
      via: 'headwater',
      hashtags: 'launch,links',
    });
    expect(read(urls.whatsapp)).toEqual({ text: `Spring launch ${link}` });
    expect(read(urls.telegram)).toEqual({ url: link, text: 'Spring launch' });
    expect(read(urls.reddit)).toEqual({ url: link, title: 'Check this out' });
    expect(read(shareUrls(link, { text: 'Launch' }).reddit)).toEqual({
      url: link,
      title: 'Launch',
    });
    expect(read(urls.email)).toEqual({ subject: 'Spring launch', body: link });
    expect(read(shareUrls(link, { subject: 'Hello', body: 'See\nthere' }).email)).toEqual({
      subject: 'Hello',
      body: 'See\r\nthere',
    });
  });

  it.each([
    `"quotes" & 'more' <b>?#+ 100%`,
    'Größe 日本語 👩‍👩‍👧',
    'half a pair \ud800',
    'line\nbreak\ttab\0',
    '() * !',
  ])('carries %j through every address, which stays plain ASCII', (text) => {
    const urls = shareUrls(`${link}?a=1&b=2#c`, { text });
    for (const platform of sharePlatforms) expect(urls[platform]).toMatch(/^[\x21-\x7e]+$/);
    for (const platform of ['twitter', 'whatsapp', 'telegram', 'reddit', 'email'] as const) {
      expect(urls[platform]).not.toMatch(/[+"'<>() *!]/);
      const shown = [...new URL(urls[platform]).searchParams.values()].join(' ');
      expect(shown).toContain(text.toWellFormed());
      expect(shown).toContain(`${link}?a=1&b=2#c`);
    }
  });
});
