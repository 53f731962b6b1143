import { describe, expect, it } from 'vitest';

import { createMachineDetector } from './machines.ts';

const detect = createMachineDetector();

describe('createMachineDetector', () => {
  it.each([
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'Googlebot'],
    ['Mozilla/5.0 (compatible; Googlebot/2.1)', 'Googlebot'],
    ['Mozilla/5.0 (compatible; bingbot/2.0)', 'bingbot'],
    ['Mozilla/5.0', 'Mozilla'],
    [
      'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
      'facebookexternalhit',
    ],
    ['Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)', 'Slackbot-LinkExpanding'],
    ['WhatsApp/2.23.20.0', 'WhatsApp'],
    ['TelegramBot (like TwitterBot)', 'TelegramBot'],
    ['Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)', 'Discordbot'],
    ['LinkedInBot/1.0 (compatible; Mozilla/5.0)', 'LinkedInBot'],
    [
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.1; +https://openai.com/gptbot',
      'GPTBot',
    ],
    ['curl/8.5.0', 'curl'],
    [
      'Mozilla/5.0 (X11; U; Linux x86_64; en-US; aggregator:Spinn3r (Spinn3r 3.1); http://spinn3r.com/robot) Gecko/2010040121 Firefox/3.0.19',
      'spinn3r.com',
    ],
    ['', 'unnamed'],
    [undefined, 'unnamed'],
  ])('names %s %s', (userAgent, name) => {
    expect(detect(userAgent)).toBe(name);
  });

  it.each([
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 300.0',
    'Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/400]',
    'Mozilla/5.0 (Linux; Android 6.0; CUBOT NOTE S) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0 Mobile Safari/537.36',
  ])('takes %s for a person', (userAgent) => {
    expect(detect(userAgent)).toBeUndefined();
    expect(detect(userAgent)).toBeUndefined();
  });
});
