import { describe, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import { channelOf, considerChannels } from './channel.ts';
import { channelRules, unassignedChannel } from './data/channels.ts';
import { taggedNames } from './data/source-names.ts';
import { knownHosts } from './known-host.ts';
import { categoryOfTag } from './tagged-source.ts';

const channels = channelRules.map(({ channel }) => channel);

describe('the channels', () => {
  it("are GA4's default groups in their documented order", () => {
    expect([...channels, unassignedChannel]).toEqual([
      'Direct',
      'Cross-network',
      'Paid Shopping',
      'Paid Search',
      'Paid Social',
      'Paid Video',
      'Display',
      'Paid Other',
      'Organic Shopping',
      'Organic Social',
      'Organic Video',
      'AI Assistant',
      'Organic Search',
      'Referral',
      'Email',
      'Affiliates',
      'Audio',
      'SMS',
      'Mobile Push Notifications',
      'Unassigned',
    ]);
  });
});

describe('channelOf', () => {
  it.each<[source: string, medium: string, campaign: string, channel: string]>([
    ['(direct)', '(none)', '', 'Direct'],
    ['(direct)', '(not set)', '', 'Direct'],
    ['direct', 'none', '', 'Direct'],
    ['direct', '', '', 'Direct'],
    ['direct', 'email', '', 'Email'],
    ['', '', '', 'Unassigned'],
    ['google', 'cpc', 'Cross-Network', 'Cross-network'],
    ['somesite.com', 'x', 'summer cross-network 2', 'Cross-network'],
    ['amazon', 'cpc', '', 'Paid Shopping'],
    ['somesite.com', 'cpc', 'shopping', 'Paid Shopping'],
    ['google', 'cpc', 'spring shop', 'Paid Shopping'],
    ['google', 'cpc', 'workshop', 'Paid Search'],
    ['google', 'CPC', '', 'Paid Search'],
    ['google', 'ppc', '', 'Paid Search'],
    ['bing', 'paidsearch', '', 'Paid Search'],
    ['yandex', 'retargeting', '', 'Paid Search'],
    ['facebook', 'paid_social', '', 'Paid Social'],
    ['facebook.com', 'cpm', '', 'Paid Social'],
    ['IG', 'cpc', '', 'Paid Social'],
    ['whatsapp', 'paid', '', 'Paid Social'],
    ['youtube', 'cpv', '', 'Paid Video'],
    ['www.youtube.com', 'paid', '', 'Paid Video'],
    ['somesite.com', 'banner', '', 'Display'],
    ['somesite.com', 'expandable', '', 'Display'],
    ['somesite.com', 'display', '', 'Display'],
    ['somesite.com', 'paid', '', 'Paid Other'],
    ['somesite.com', 'tcpa', '', 'Paid Other'],
    ['somesite.com', 'appcpi', '', 'Paid Other'],
    ['somesite.com', 'repaid', '', 'Unassigned'],
    ['somesite.com', 'ppcs', '', 'Unassigned'],
    ['chatgpt', 'cpc', '', 'Paid Other'],
    ['amazon.de', 'referral', '', 'Organic Shopping'],
    ['somesite.com', 'email', 'eshop', 'Organic Shopping'],
    ['somesite.com', 'email', 'shop', 'Organic Shopping'],
    ['somesite.com', 'email', 'workshop', 'Email'],
    ['Google Shopping', 'free', '', 'Organic Shopping'],
    ['IGShopping', 'social', '', 'Organic Shopping'],
    ['t.co', 'referral', '', 'Organic Social'],
    ['somesite.com', 'social', '', 'Organic Social'],
    ['somesite.com', 'Social Media', '', 'Organic Social'],
    ['somesite.com', 'sm', '', 'Organic Social'],
    ['facebook', 'email', '', 'Organic Social'],
    ['vimeo', 'referral', '', 'Organic Video'],
    ['somesite.com', 'explainer-video', '', 'Organic Video'],
    ['chatgpt.com', '', '', 'AI Assistant'],
    ['somesite.com', 'ai-assistant', '(ai-assistant)', 'AI Assistant'],
    ['google', 'organic', '', 'Organic Search'],
    ['somesite.com', 'organic', '', 'Organic Search'],
    ['google-play', 'x', '', 'Organic Search'],
    ['r.search.yahoo.com', 'x', '', 'Organic Search'],
    ['somesite.com', 'referral', '', 'Referral'],
    ['somesite.com', 'app', '', 'Referral'],
    ['somesite.com', 'link', '', 'Referral'],
    ['e-mail', 'x', '', 'Email'],
    ['somesite.com', 'E Mail', '', 'Email'],
    ['substack', 'email', '', 'Email'],
    ['somesite.com', 'affiliate', '', 'Affiliates'],
    ['somesite.com', 'audio', '', 'Audio'],
    ['sms', 'x', '', 'SMS'],
    ['somesite.com', 'sms', '', 'SMS'],
    ['somesite.com', 'web-push', '', 'Mobile Push Notifications'],
    ['somesite.com', 'notification', '', 'Mobile Push Notifications'],
    ['somesite.com', 'mobile-app', '', 'Mobile Push Notifications'],
    ['firebase', 'x', '', 'Mobile Push Notifications'],
    ['somesite.com', 'pushy', '', 'Unassigned'],
    ['somesite.com', 'qr', '', 'Unassigned'],
  ])('takes %j / %j / %j for %s', (source, medium, campaign, channel) => {
    expect(channelOf({ source, medium, campaign })).toBe(channel);
    const told = { ...(source && { source }), ...(medium && { medium }) };
    expect(channelOf({ ...told, campaign })).toBe(channel);
  });

  it('goes by the list that was looked up, where one was', () => {
    expect(channelOf({ source: 'google', medium: 'cpc' }, 'unlisted')).toBe('Paid Other');
    expect(channelOf({ source: 'kick', medium: 'paid' }, 'video')).toBe('Paid Video');
  });

  it('takes the click id of a display network for no search', () => {
    const google = { source: 'google', medium: 'paid' };
    expect(channelOf({ ...google, platform: 'google_ads' })).toBe('Paid Search');
    expect(channelOf({ ...google, platform: 'google_display' })).toBe('Display');
    expect(channelOf({ source: 'yahoo', medium: 'paid', platform: 'yahoo_native' })).toBe(
      'Paid Other',
    );
  });

  it('names one of its channels for any text, quickly', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 255 }),
      fc.stringMatching(/^(?:shop|cp|paid|push|e)*$/),
    );
    fc.assert(
      fc.property(text, text, text, (source, medium, campaign) => {
        expect([...channels, unassignedChannel]).toContain(channelOf({ source, medium, campaign }));
      }),
    );
  });

  it('is what the considered rules end with', () => {
    const words = fc.constantFrom('google', 'direct', 'cpc', 'none', 'email', 'shop', 'x', '');
    fc.assert(
      fc.property(words, words, words, (source, medium, campaign) => {
        const considered = considerChannels({ source, medium, campaign });
        const last = considered.at(-1);
        expect(last).toMatchObject({
          channel: channelOf({ source, medium, campaign }),
          matched: true,
        });
        expect(considered.filter(({ matched }) => matched)).toEqual([last]);
      }),
    );
  });
});

describe('considerChannels', () => {
  it('says of every rule before the one that matches what is missing', () => {
    expect(considerChannels({ source: 'somesite.com', medium: 'cpm' }).slice(3)).toEqual([
      {
        channel: 'Paid Search',
        matched: false,
        reason: 'source "somesite.com" is not in the list of search engines',
      },
      {
        channel: 'Paid Social',
        matched: false,
        reason: 'source "somesite.com" is not in the list of social networks or messengers',
      },
      {
        channel: 'Paid Video',
        matched: false,
        reason: 'source "somesite.com" is not in the list of video sites',
      },
      {
        channel: 'Display',
        matched: true,
        reason: 'medium "cpm" is one of display, banner, expandable, interstitial, cpm',
      },
    ]);
  });
});

describe('a name in a tag', () => {
  it.each<[tag: string, category: string | undefined]>([
    ['Facebook', 'social'],
    ['fb', 'social'],
    ['Hacker News', 'social'],
    ['hacker-news', 'social'],
    ['m.facebook.com', 'social'],
    ['news.google.com', 'search'],
    ['com.google.android.youtube', 'video'],
    ['telegram', 'messaging'],
    ['openai', 'ai'],
    ['fb-ads', undefined],
    ['target', undefined],
    ['medium', undefined],
    ['medium.com', 'social'],
    ['you', undefined],
    ['gmail', undefined],
    ['stripe', undefined],
    ['constructor', undefined],
    ['', undefined],
    ['..', undefined],
  ])('%j is in the list %s', (tag, category) => {
    expect(categoryOfTag(tag)).toBe(category);
  });

  it('is told once: a nickname is no name of the tables', () => {
    const squeezed = (names: readonly string[]) =>
      names.map((name) => name.replaceAll(/[ _-]/g, ''));
    const { search, social, messaging, video, shopping } = knownHosts;
    const named = new Set(
      squeezed([search, social, messaging, video, shopping].flatMap((list) => Object.keys(list))),
    );
    const nicknames = squeezed(Object.values(taggedNames).flat());
    expect(nicknames.filter((name) => named.has(name))).toEqual([]);
    expect(new Set(nicknames).size).toBe(nicknames.length);
  });
});
