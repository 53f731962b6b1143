import type { DeviceType } from '../device.ts';

/** What gives a kind of device away in its user agent; the first that fits counts. */
export const deviceTypePatterns: ReadonlyArray<readonly [type: DeviceType, pattern: RegExp]> = [
  // Fire TV's models begin with AFT (developer.amazon.com/docs/fire-tv/user-agent-strings.html).
  [
    'tv',
    /smart-?tv|googletv|google tv|apple ?tv|android tv|hbbtv|netcast|web0s|webos\.tv|\btizen\b.* tv|\broku\b|\bcrkey\b|chromecast|\bbravia\b|\baft[a-z]{1,3}\d{0,2}\b|\bmitv\b|\bmibox\b|\bshield android|\bvidaa\b|\bviera\b|\bcobalt\/|\baquos-?tv\b/i,
  ],
  ['console', /\bplaystation\b|\bxbox\b|\bnintendo\b/i],
  ['car', /\btesla\/|\bqtcarbrowser\b|\bandroid automotive\b/i],
  ['wearable', /\bwatch\b|\bwear os\b|\boculusbrowser\b|\bquest \d|\bapple ?vision\b/i],
  ['tablet', /\bipad\b|\btablet\b(?! pc)|\bkindle\b|\bsilk\/|\bplaybook\b/i],
  [
    'mobile',
    /\biphone\b|\bipod\b|\bmobi|\bkaios\b|\bopera mini\b|\bwindows phone\b|\bblackberry\b/i,
  ],
  // Browsers on Android's tablets leave out `Mobile` (developer.chrome.com/docs/multidevice/user-agent).
  ['tablet', /\bandroid\b/i],
  ['desktop', /\bwindows\b|\bmacintosh\b|\bcros\b|\blinux\b|\bx11\b|\b(?:free|open|net)bsd\b/i],
];

/** https://wicg.github.io/ua-client-hints/#sec-ch-ua-form-factors */
export const formFactorTypes: Readonly<Record<string, DeviceType>> = {
  Automotive: 'car',
  XR: 'wearable',
  Watch: 'wearable',
  Tablet: 'tablet',
  EInk: 'tablet',
  Mobile: 'mobile',
  Desktop: 'desktop',
};

/** Systems that the parser of user agents does not know. */
export const moreSystems: ReadonlyArray<readonly [system: string, pattern: RegExp]> = [
  ['PlayStation', /\bPlayStation (?:\w+\/|\d+ )?([\d.]+)?/],
  ['Nintendo', /\bNintendo\b/],
  ['KaiOS', /\bKAIOS\/([\d.]+)/],
  ['tvOS', /\bApple ?TV\b(?:.*? OS ([\d_]+))?/],
  ['Chrome OS', /\bCrOS\b/],
  ['Chromecast', /\bCrKey\b/],
  ['FreeBSD', /\bFreeBSD\b/],
  ['OpenBSD', /\bOpenBSD\b/],
  ['NetBSD', /\bNetBSD\b/],
];

/** Browsers that the parser of user agents takes for another one, with their version. */
export const moreBrowsers: ReadonlyArray<readonly [browser: string, pattern: RegExp]> = [
  ['UC Browser', /\bUC ?Browser\/([\d.]+)/],
  ['DuckDuckGo', /\b(?:DuckDuckGo|Ddg)\/([\d.]+)/],
  ['Huawei Browser', /\bHuaweiBrowser\/([\d.]+)/],
  ['Miui Browser', /\bMiuiBrowser\/([\d.]+)/],
  ['Oculus Browser', /\bOculusBrowser\/([\d.]+)/],
  ['Whale', /\bWhale\/([\d.]+)/],
  ['Ecosia', /\bEcosia (?:ios|android)@([\d.]+)/i],
  ['Aloha', /\bAloha(?:Browser)?\/([\d.]+)/],
];
