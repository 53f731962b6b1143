import { describe, expect, it } from 'vitest';

import { fc } from '../../../../test/support/properties.ts';
import { readClientHints } from './client-hints.ts';
import { describeDevice, deviceTypes } from './device.ts';

const windowsChrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const linuxChrome =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

describe('describeDevice', () => {
  it.each([
    [
      'Chrome on Windows',
      windowsChrome,
      {
        deviceType: 'desktop',
        browser: 'Chrome',
        browserVersion: '140.0.0.0',
        system: 'Windows',
        systemVersion: '10',
      },
    ],
    [
      'Chrome on a Mac',
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
      {
        deviceType: 'desktop',
        browser: 'Chrome',
        browserVersion: '120.0.0.0',
        system: 'macOS',
        systemVersion: '10.15.7',
      },
    ],
    [
      'Firefox on Linux',
      'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
      { deviceType: 'desktop', browser: 'Firefox', browserVersion: '140.0', system: 'Linux' },
    ],
    [
      'Edge',
      `${windowsChrome} Edg/140.0.1.2`,
      {
        deviceType: 'desktop',
        browser: 'Microsoft Edge',
        browserVersion: '140.0.1.2',
        system: 'Windows',
        systemVersion: '10',
      },
    ],
    [
      'a Chromebook',
      'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
      {
        deviceType: 'desktop',
        browser: 'Chrome',
        browserVersion: '140.0.0.0',
        system: 'Chrome OS',
      },
    ],
    [
      'Safari on an iPhone',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1',
      {
        deviceType: 'mobile',
        browser: 'Safari',
        browserVersion: '17.0',
        system: 'iOS',
        systemVersion: '17.0',
      },
    ],
    [
      'an iPad',
      'Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1',
      {
        deviceType: 'tablet',
        browser: 'Safari',
        browserVersion: '16.6',
        system: 'iOS',
        systemVersion: '16.6',
      },
    ],
    [
      'an Android that hides its version',
      'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
      { deviceType: 'mobile', browser: 'Chrome', browserVersion: '140.0.0.0', system: 'Android' },
    ],
    [
      'an Android tablet',
      'Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0.0.0 Safari/537.36',
      {
        deviceType: 'tablet',
        browser: 'Chrome',
        browserVersion: '116.0.0.0',
        system: 'Android',
        systemVersion: '13',
      },
    ],
    [
      'a television',
      'Mozilla/5.0 (Linux; Android 11; BRAVIA 4K UR2 Build/RTT1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/111.0 Safari/537.36',
      {
        deviceType: 'tv',
        browser: 'Chrome',
        browserVersion: '111.0',
        system: 'Android',
        systemVersion: '11',
      },
    ],
    [
      'a console',
      'Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15',
      {
        deviceType: 'console',
        browser: 'Safari',
        browserVersion: '13.0',
        system: 'PlayStation',
        systemVersion: '2.26',
      },
    ],
    [
      'a car',
      'Mozilla/5.0 (X11; GNU/Linux) AppleWebKit/537.36 (KHTML, like Gecko) Chromium/88.0 Chrome/88.0 Safari/537.36 Tesla/2021.44.30',
      { deviceType: 'car', browser: 'Chromium', browserVersion: '88.0', system: 'Linux' },
    ],
    [
      'a headset',
      'Mozilla/5.0 (X11; Linux x86_64; Quest 3) AppleWebKit/537.36 (KHTML, like Gecko) OculusBrowser/32.0 Chrome/122.0 VR Safari/537.36',
      {
        deviceType: 'wearable',
        browser: 'Oculus Browser',
        browserVersion: '32.0',
        system: 'Linux',
      },
    ],
  ])('knows %s', (_what, userAgent, device) => {
    expect(describeDevice(userAgent)).toEqual(device);
  });

  it.each([
    [
      'Instagram',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 300.0 (iPhone13,2; iOS 17_0)',
    ],
    [
      'Facebook',
      'Mozilla/5.0 (Linux; Android 13; SM-G991B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/443.0.0.23.229;]',
    ],
    [
      'Messenger',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/20F66 [FBAN/MessengerForiOS;FBAV/420.0]',
    ],
    [
      'TikTok',
      'Mozilla/5.0 (Linux; Android 12; M21; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/107.0 Mobile Safari/537.36 trill_2022703020 AppName/musical_ly BytedanceWebview/d8a21c6',
    ],
    [
      'X',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 16_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/20B82 Twitter for iPhone/9.34',
    ],
    [
      'LinkedIn',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [LinkedInApp]/9.27.4',
    ],
    [
      'WeChat',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.38(0x1800262c)',
    ],
    [
      'LINE',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari Line/13.7.1',
    ],
    [
      'Google',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/277.0.555192628 Mobile/15E148 Safari/604.1',
    ],
    [
      'WebView',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148',
    ],
    [
      'WebView',
      'Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/140.0 Mobile Safari/537.36',
    ],
  ])('sees that %s shows the page', (app, userAgent) => {
    expect(describeDevice(userAgent)).toMatchObject({ deviceType: 'mobile', inApp: app });
  });

  it('believes client hints where they say more than the user agent', () => {
    const brave = readClientHints({
      'sec-ch-ua': '"Chromium";v="140", "Not=A?Brand";v="24", "Brave";v="140"',
      'sec-ch-ua-mobile': '?0',
      'sec-ch-ua-platform': '"Windows"',
      'sec-ch-ua-platform-version': '"15.0.0"',
    });
    expect(describeDevice(windowsChrome, brave)).toMatchObject({
      browser: 'Brave',
      browserVersion: '140',
      system: 'Windows',
      systemVersion: '11',
    });
    const desktopSite = readClientHints({
      'sec-ch-ua-mobile': '?1',
      'sec-ch-ua-platform': '"Android"',
    });
    expect(describeDevice(linuxChrome, desktopSite)).toMatchObject({
      deviceType: 'mobile',
      system: 'Android',
    });
    const car = readClientHints({ 'sec-ch-ua-form-factors': '"Automotive"' });
    expect(describeDevice(linuxChrome, car).deviceType).toBe('car');
  });

  it('takes malformed hints for none', () => {
    expect(
      readClientHints({
        'sec-ch-ua': 'Brave;v=1, "Brave"',
        'sec-ch-ua-mobile': 'yes',
        'sec-ch-ua-platform': 'Windows',
      }),
    ).toEqual({});
  });

  it('names the machine instead of its browser', () => {
    expect(describeDevice('curl/8.5.0')).toEqual({
      deviceType: 'bot',
      machine: { name: 'curl', category: 'tool' },
    });
    expect(describeDevice(undefined)).toMatchObject({ deviceType: 'bot' });
  });

  it('never takes the words of a stranger for a browser, and never throws', () => {
    expect(
      describeDevice('Mozilla/5.0 (X11; Linux x86_64) Gecko Somebody/1.0 (at home)').browser,
    ).toBeUndefined();
    const word = fc.constantFrom(
      'Mozilla/5.0',
      '(',
      ')',
      ';',
      'Android 10; K)',
      'Version/',
      'Safari/1',
      '"',
      '=',
      '\\',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(word).map((words) => words.join(' ')),
        ),
        (text) => {
          const device = describeDevice(
            text,
            readClientHints({ 'sec-ch-ua': text, 'signature-agent': text }),
          );
          expect(deviceTypes).toContain(device.deviceType);
          expect(device.browserVersion?.length ?? 0).toBeLessThanOrEqual(32);
        },
      ),
    );
  });
});
