import type { HostCategory } from '../known-host.ts';

/** One test of an arrival. Texts are compared in lower case; what is absent is the empty text. */
export type ChannelCondition =
  /** The source is in one of these lists of ours. */
  | { readonly list: readonly HostCategory[] }
  | { readonly field: ChannelField; readonly is: ReadonlySet<string> }
  | { readonly field: ChannelField; readonly isNot: ReadonlySet<string> }
  | { readonly field: ChannelField; readonly matches: RegExp };

export type ChannelField = 'source' | 'medium' | 'campaign' | 'platform';

export interface ChannelRule {
  readonly channel: string;
  /** Of every group, one condition holds. */
  readonly all: ReadonlyArray<readonly ChannelCondition[]>;
}

/** What no rule matches. */
export const unassignedChannel = 'Unassigned';

/** GA4's test of a paid medium, `^(.*cp.*|ppc|retargeting|paid.*)$`. */
const paid: readonly ChannelCondition[] = [
  { field: 'medium', matches: /cp|^(?:ppc$|retargeting$|paid)/ },
];

const inSearch: ChannelCondition = { list: ['search'] };
/** GA4's list has messengers (WhatsApp, LINE, Telegram, WeChat) among the social sites. */
const inSocial: ChannelCondition = { list: ['social', 'messaging'] };
const inVideo: ChannelCondition = { list: ['video'] };
/** A shopping site, or a campaign that says "shop" or "shopping": "eshop" counts, "workshop" does not. */
const shops: readonly ChannelCondition[] = [
  { list: ['shopping'] },
  { field: 'campaign', matches: /(?:[^a-df-z]|^)shop|shopping/ },
];

/** Ads of a search engine's company that stand on other sites. */
const elsewhere = new Set(['google_display', 'yahoo_native']);

/**
 * GA4's default channel groups in their documented order; the first rule that matches names the channel.
 * https://support.google.com/analytics/answer/9756891, with the AI assistants of May 2026. GA4 learns from linked ad
 * accounts where an ad stood; the conditions on `platform` are what a click id says of that.
 */
export const channelRules: readonly ChannelRule[] = [
  {
    channel: 'Direct',
    all: [
      [{ field: 'source', is: new Set(['direct', '(direct)']) }],
      [{ field: 'medium', is: new Set(['', 'none', '(none)', '(not set)']) }],
    ],
  },
  { channel: 'Cross-network', all: [[{ field: 'campaign', matches: /cross-network/ }]] },
  { channel: 'Paid Shopping', all: [shops, paid] },
  {
    channel: 'Paid Search',
    all: [[inSearch], paid, [{ field: 'platform', isNot: elsewhere }]],
  },
  { channel: 'Paid Social', all: [[inSocial], paid] },
  { channel: 'Paid Video', all: [[inVideo], paid] },
  {
    channel: 'Display',
    all: [
      [
        {
          field: 'medium',
          is: new Set(['display', 'banner', 'expandable', 'interstitial', 'cpm']),
        },
        { field: 'platform', is: new Set(['google_display']) },
      ],
    ],
  },
  { channel: 'Paid Other', all: [paid] },
  { channel: 'Organic Shopping', all: [shops] },
  {
    channel: 'Organic Social',
    all: [
      [
        inSocial,
        {
          field: 'medium',
          is: new Set([
            'social',
            'social-network',
            'social-media',
            'sm',
            'social network',
            'social media',
          ]),
        },
      ],
    ],
  },
  { channel: 'Organic Video', all: [[inVideo, { field: 'medium', matches: /video/ }]] },
  {
    channel: 'AI Assistant',
    all: [[{ list: ['ai'] }, { field: 'medium', is: new Set(['ai-assistant']) }]],
  },
  {
    channel: 'Organic Search',
    all: [[inSearch, { field: 'medium', is: new Set(['organic']) }]],
  },
  { channel: 'Referral', all: [[{ field: 'medium', is: new Set(['referral', 'app', 'link']) }]] },
  {
    channel: 'Email',
    all: [
      [
        { field: 'source', is: new Set(['email', 'e-mail', 'e_mail', 'e mail']) },
        { field: 'medium', is: new Set(['email', 'e-mail', 'e_mail', 'e mail']) },
      ],
    ],
  },
  { channel: 'Affiliates', all: [[{ field: 'medium', is: new Set(['affiliate']) }]] },
  { channel: 'Audio', all: [[{ field: 'medium', is: new Set(['audio']) }]] },
  {
    channel: 'SMS',
    all: [
      [
        { field: 'source', is: new Set(['sms']) },
        { field: 'medium', is: new Set(['sms']) },
      ],
    ],
  },
  {
    channel: 'Mobile Push Notifications',
    all: [
      [
        { field: 'medium', matches: /push$|mobile|notification/ },
        { field: 'source', is: new Set(['firebase']) },
      ],
    ],
  },
];
