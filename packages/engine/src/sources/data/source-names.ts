import type { HostCategory } from '../known-host.ts';

/**
 * Names that people put into `utm_source` for listed sites, beside the names in our tables: nicknames, and the bare
 * words of GA4's list of source categories. Spaces, hyphens and underscores do not count.
 */
export const taggedNames: Readonly<Partial<Record<HostCategory, readonly string[]>>> = {
  search: [
    'alice',
    'babylon',
    'cnn',
    'comcast',
    'conduit',
    'incredimail',
    'search-results',
    'ukr',
    '360.cn',
    'mail.ru',
  ],
  social: [
    'fb',
    'facebook-instagram',
    'ig',
    'insta',
    'google+',
    'kakao',
    'newsshowcase',
    'social',
    'tencent',
    'vkontakte',
  ],
  messaging: ['fb-messenger', 'weixin'],
  video: ['yt'],
  shopping: ['ig-shopping'],
};

/**
 * Names in our tables that mean other things in a tag, so that only the host says what it is: common words, and
 * Substack, which tags the mails of every newsletter with its name.
 */
export const ambiguousNames: ReadonlySet<string> = new Set([
  'clubhouse',
  'disconnect',
  'element',
  'finn',
  'fireball',
  'goo',
  'info',
  'karma',
  'kick',
  'lilo',
  'loom',
  'medium',
  'minds',
  'mix',
  'nebula',
  'noon',
  'note',
  'orange',
  'otto',
  'pepper',
  'signal',
  'substack',
  'target',
  'vidyard',
  'wish',
  'wp',
  'yep',
]);

/** Names that assistants, or people after them, put into `utm_source` without being a host. */
export const assistantNames: Readonly<Record<string, string>> = {
  chatgpt: 'chatgpt',
  openai: 'chatgpt',
  claude: 'claude',
  copilot: 'copilot',
  deepseek: 'deepseek',
  gemini: 'gemini',
  grok: 'grok',
  perplexity: 'perplexity',
};
