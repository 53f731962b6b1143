/** An app that shows pages in a browser of its own. */
export interface InAppBrowser {
  /** As its makers call it. */
  readonly name: string;
  /** Of arrivals, as our tables of sources call it; absent where they have none. */
  readonly source?: string;
  /** What it adds to the user agent. */
  readonly pattern: RegExp;
}

/**
 * The apps that open links themselves, for what sent a request and for where somebody came from. The first that fits
 * counts: Meta's apps share one engine and some of its words, so the more special ones come first. Browsers proper (Edge,
 * DuckDuckGo, Yandex) are not here: people go everywhere with them.
 */
export const inAppBrowsers: readonly InAppBrowser[] = [
  { name: 'Threads', source: 'threads', pattern: /\bBarcelona \d/ },
  { name: 'Instagram', source: 'instagram', pattern: /\bInstagram\b/ },
  {
    name: 'Messenger',
    source: 'messenger',
    pattern:
      /\bMessenger(?:Lite)?ForiOS\b|\bOrca-Android\b|\bFB(?:AN|_IAB)\/M(?:essenger|ESSENGER)/,
  },
  { name: 'Facebook', source: 'facebook', pattern: /\bFB(?:AN|AV|IOS|_IAB|4A)\b|\bMetaIAB/ },
  {
    name: 'TikTok',
    source: 'tiktok',
    pattern: /\bmusical_ly|\btrill_|\bTikTok\b|\bBytedanceWebview\b/,
  },
  { name: 'Douyin', source: 'douyin', pattern: /\baweme/ },
  { name: 'Snapchat', source: 'snapchat', pattern: /\bSnapchat\b/ },
  { name: 'X', source: 'twitter', pattern: /\bTwitter(?:Android| for )/ },
  { name: 'LinkedIn', source: 'linkedin', pattern: /\bLinkedInApp\b/ },
  {
    name: 'Pinterest',
    source: 'pinterest',
    pattern: /\bPinterest(?: for |\/(?:iOS|Android))|\[Pinterest\//,
  },
  { name: 'Reddit', source: 'reddit', pattern: /\bReddit\/|\breddit-(?:ios|android)\b/ },
  { name: 'VK', source: 'vk', pattern: /\bVK(?:AndroidApp|iOSApp|Client)\b/ },
  { name: 'Weibo', source: 'weibo', pattern: /\bWeibo\b|__weibo__/ },
  { name: 'WhatsApp', source: 'whatsapp', pattern: /\bWhatsApp\// },
  { name: 'Telegram', source: 'telegram', pattern: /\bTelegram-(?:Android|iOS)\b/ },
  { name: 'WeChat', source: 'wechat', pattern: /\bMicroMessenger\b/ },
  { name: 'KakaoTalk', source: 'kakaotalk', pattern: /\bKAKAOTALK\b|\bKakaoTalk\b/ },
  { name: 'LINE', source: 'line', pattern: /\bLine\/\d/ },
  { name: 'Zalo', source: 'zalo', pattern: /\bZalo\b/ },
  { name: 'QQ', source: 'qq', pattern: /\bQQ\/\d/ },
  { name: 'Naver', source: 'naver', pattern: /\bNAVER\(/ },
  { name: 'Daum', source: 'daum', pattern: /\bDaumApps\// },
  { name: 'Baidu', source: 'baidu', pattern: /\bbaiduboxapp\b/ },
  { name: 'Yandex', source: 'yandex', pattern: /\bYaApp_/ },
  { name: 'Google', source: 'google', pattern: /\bGSA\/\d/ },
  { name: 'Bing', source: 'bing', pattern: /\bBingSapphire\b/ },
  { name: 'Yahoo', source: 'yahoo', pattern: /\bYJApp\b/ },
  { name: 'Kuaishou', source: 'kuaishou', pattern: /\bKwai\b/ },
  { name: 'Teams', source: 'microsoft_teams', pattern: /\bTeams\/\d|\bTeamsMobile\b/ },
  { name: 'Slack', source: 'slack', pattern: /\bSlack(?:_SSB)?\// },
  { name: 'Discord', source: 'discord', pattern: /\b[Dd]iscord\/\d/ },
  { name: 'Outlook', source: 'outlook', pattern: /\bOutlook-(?:iOS|Android)\b/ },
  { name: 'Alipay', pattern: /\bAlipayClient\b/ },
  { name: 'DingTalk', pattern: /\bDingTalk\b/ },
];

/** An app that does not say its name: Android's mark of a WebView, and WebKit on iOS without Safari or another browser. */
export const webView =
  /; wv\)|\((?:iPhone|iPad|iPod)[^)]*\) AppleWebKit\/[\d.]+ \(KHTML, like Gecko\) Mobile\/\w+$/;
