import { describe, expect, it } from 'vitest';

import { invitationUrl, withoutToken } from './invitation-url.ts';

describe('invitationUrl', () => {
  it('adds the token, and the signature behind it', () => {
    expect(invitationUrl('https://example.com/signup', 'abc123')).toBe(
      'https://example.com/signup?invitation_token=abc123',
    );
    expect(
      invitationUrl(
        'https://example.com/signup',
        'abc123',
        'Z7aPPn0OT3ARmifwmGJkMRec74H1AV-RwtpUqN8Ev2c',
      ),
    ).toBe(
      'https://example.com/signup?invitation_token=abc123&s=Z7aPPn0OT3ARmifwmGJkMRec74H1AV-RwtpUqN8Ev2c',
    );
  });

  it.each([
    [
      'https://example.com/signup?ref=email',
      'https://example.com/signup?ref=email&invitation_token=t',
    ],
    ['https://example.com/?a=1&a=2&b', 'https://example.com/?a=1&a=2&b&invitation_token=t'],
    [
      'https://example.com/s?utm_source=x%20y&q=a+b#form',
      'https://example.com/s?utm_source=x%20y&q=a+b&invitation_token=t#form',
    ],
    [
      'https://example.com/s?invitation_token=old&s=keep',
      'https://example.com/s?s=keep&invitation_token=t',
    ],
    ['http://localhost:3000/#top', 'http://localhost:3000/?invitation_token=t#top'],
  ])('keeps everything of %s', (base, url) => {
    expect(invitationUrl(base, 't')).toBe(url);
  });

  it('spells whatever the token is', () => {
    const url = new URL(invitationUrl('https://example.com/', 'für & alle+🎉', 'sig')!);
    expect(url.searchParams.get('invitation_token')).toBe('für & alle+🎉');
    expect(url.searchParams.get('s')).toBe('sig');
  });

  it.each(['', '/signup', 'example.com', 'javascript:alert(1)', 'mailto:a@b.c', 'https://'])(
    'refuses the base %j',
    (base) => {
      expect(invitationUrl(base, 't')).toBeUndefined();
    },
  );
});

describe('withoutToken', () => {
  it.each([
    ['https://x.test/s?invitation_token=abc', 'https://x.test/s'],
    ['https://x.test/s?invitation_token=abc&s=sig#top', 'https://x.test/s#top'],
    ['https://x.test/s?a=1&invitation_token=abc&b=2&s=sig', 'https://x.test/s?a=1&b=2'],
    ['https://x.test/s?s=size&a=1', 'https://x.test/s?s=size&a=1'],
    ['/s?invitation_token=', '/s'],
    ['https://x.test/s?Invitation_Token=abc&S=sig&a=1', 'https://x.test/s?a=1'],
  ])('of %s leaves %s', (url, kept) => {
    expect(withoutToken(url)).toBe(kept);
  });
});
