import { describe, expect, it } from 'vitest';

import { identifyMachine } from './machine.ts';

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

describe('identifyMachine', () => {
  it.each([
    [
      'search_crawler',
      'Googlebot',
      'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
    ],
    ['search_crawler', 'Googlebot-Image', 'Googlebot-Image/1.0'],
    ['search_crawler', 'bingbot', 'Mozilla/5.0 (compatible; bingbot/2.0)'],
    [
      'search_crawler',
      'Slurp',
      'Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)',
    ],
    [
      'search_crawler',
      'Sogou web spider',
      'Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)',
    ],
    [
      'ai_crawler',
      'GPTBot',
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.1; +https://openai.com/gptbot',
    ],
    [
      'ai_crawler',
      'OAI-SearchBot',
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36; compatible; OAI-SearchBot/1.3; +https://openai.com/searchbot',
    ],
    [
      'ai_crawler',
      'ClaudeBot',
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)',
    ],
    [
      'ai_crawler',
      'PerplexityBot',
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)',
    ],
    [
      'ai_crawler',
      'Meta-ExternalAgent',
      'meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)',
    ],
    ['ai_crawler', 'CCBot', 'CCBot/2.0 (https://commoncrawl.org/faq/)'],
    [
      'ai_agent',
      'ChatGPT-User',
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot',
    ],
    [
      'ai_agent',
      'Claude-User',
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-User/1.0; +Claude-User@anthropic.com)',
    ],
    [
      'ai_agent',
      'Perplexity-User',
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Perplexity-User/1.0; +https://perplexity.ai/perplexity-user)',
    ],
    [
      'preview',
      'facebookexternalhit',
      'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
    ],
    [
      'preview',
      'Slackbot-LinkExpanding',
      'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
    ],
    ['preview', 'WhatsApp', 'WhatsApp/2.23.20.0'],
    ['preview', 'TelegramBot', 'TelegramBot (like TwitterBot)'],
    ['preview', 'Discordbot', 'Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)'],
    ['preview', 'LinkedInBot', 'LinkedInBot/1.0 (compatible; Mozilla/5.0)'],
    [
      'preview',
      'Messages',
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0',
    ],
    [
      'monitor',
      'UptimeRobot',
      'Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)',
    ],
    ['monitor', 'Pingdom', 'Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)'],
    [
      'marketing',
      'SemrushBot-SA',
      'Mozilla/5.0 (compatible; SemrushBot-SA/0.97; +http://www.semrush.com/bot.html)',
    ],
    ['marketing', 'AdsBot-Google', 'AdsBot-Google (+http://www.google.com/adsbot.html)'],
    [
      'feed_reader',
      'Feedly',
      'Feedly/1.0 (+http://www.feedly.com/fetcher.html; like FeedFetcher-Google)',
    ],
    [
      'archive',
      'archive.org_bot',
      'Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)',
    ],
    [
      'security',
      'CensysInspect',
      'Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)',
    ],
    ['tool', 'curl', 'curl/8.5.0'],
    ['tool', 'python-requests', 'python-requests/2.32.3'],
    [
      'tool',
      'HeadlessChrome',
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36',
    ],
    ['tool', 'CFNetwork', 'Safari/19618.1 CFNetwork/1494.0.7 Darwin/23.4.0'],
    ['crawler', 'BeetleBot', 'Mozilla/5.0 (compatible; BeetleBot; )'],
    ['other', 'Chef', 'Chef Client/10.18.2 (ohai-6.16.0; x86_64-linux; +http://opscode.com)'],
    [
      'other',
      'spinn3r.com',
      'Mozilla/5.0 (X11; U; Linux x86_64; rv:1.9; aggregator:Spinn3r; http://spinn3r.com/robot) Firefox/3.0',
    ],
    ['other', 'Mozilla', 'Mozilla/5.0'],
    ['other', 'unnamed', ''],
    ['other', 'unnamed', undefined],
  ])('says %s of %s', (category, name, userAgent) => {
    expect(identifyMachine(userAgent)).toEqual({ name, category });
  });

  it('knows an agent in an ordinary browser by its signature, and a driven browser by its brand', () => {
    expect(identifyMachine(chrome, { signatureAgent: '"https://chatgpt.com"' })).toEqual({
      name: 'ChatGPT Agent',
      category: 'ai_agent',
    });
    expect(identifyMachine(chrome, { signatureAgent: 'sig1="https://agent.example/"' })).toEqual({
      name: 'agent.example',
      category: 'ai_agent',
    });
    expect(identifyMachine(chrome, { signatureAgent: 'https://chatgpt.com' })).toBeUndefined();
    const brands = [{ brand: 'HeadlessChrome', version: '140' }];
    expect(identifyMachine(chrome, { brands })?.name).toBe('HeadlessChrome');
  });

  it.each([
    chrome,
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 300.0',
    'Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/400]',
    'Mozilla/5.0 (Linux; Android 6.0; CUBOT NOTE S) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0 Mobile Safari/537.36',
    'Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/140.0 Mobile Safari/537.36 Telegram-Android/11.0',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 16_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/20B82 [Pinterest/iOS]',
  ])('takes %s for a person', (userAgent) => {
    expect(identifyMachine(userAgent)).toBeUndefined();
  });

  it('keeps 64 characters of a name', () => {
    expect(identifyMachine(`${'x'.repeat(300)}bot/1.0`)?.name).toHaveLength(64);
  });
});
