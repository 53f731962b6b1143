/**
 * Apps that show pages in a browser of their own, by what they add to its user agent; the first that fits counts. The
 * more special ones come first: Messenger also says what Facebook says.
 */
export const inAppBrowsers: ReadonlyArray<readonly [name: string, pattern: RegExp]> = [
  ['Messenger', /\bFBAN\/Messenger|\bMessengerForiOS\b|\bFB_IAB\/Orca-Android\b/],
  ['Instagram', /\bInstagram\b/],
  ['Threads', /\bBarcelona\b/],
  ['Facebook', /\bFB(?:AN|AV|IOS|_IAB|4A)\b/],
  ['TikTok', /\bmusical_ly\b|\btrill_|\bTikTok\b|\bBytedanceWebview\b/],
  ['Douyin', /\baweme\b/],
  ['Snapchat', /\bSnapchat\b/],
  ['X', /\bTwitter(?:Android| for )/],
  ['LinkedIn', /\bLinkedInApp\b/],
  ['Pinterest', /\bPinterest(?: for |\/(?:iOS|Android))/],
  ['Reddit', /\bReddit\/|\breddit(?:-ios|-android)\b/i],
  ['Telegram', /\bTelegram-Android\b/],
  ['WeChat', /\bMicroMessenger\b/],
  ['QQ', /\bQQ\/\d/],
  ['Weibo', /\bWeibo\b/],
  ['LINE', /\bLine\/\d/],
  ['KakaoTalk', /\bKAKAOTALK\b/i],
  ['Naver', /\bNAVER\(inapp\b/],
  ['Zalo', /\bZalo\b/],
  ['Alipay', /\bAlipayClient\b/],
  ['DingTalk', /\bDingTalk\b/],
  ['Kuaishou', /\bKwai\b/],
  ['Baidu', /\bbaiduboxapp\b/],
  ['Yahoo', /\bYJApp\b/],
  ['Google', /\bGSA\/\d/],
  ['Bing', /\bBingSapphire\b/],
  ['Teams', /\bTeams\/\d|\bTeamsMobile\b/],
  ['Outlook', /\bOutlook-(?:iOS|Android)\b/],
  ['Slack', /\bSlack(?:_SSB)?\//],
  ['Discord', /\b[Dd]iscord\/\d/],
  ['VK', /\bVKAndroidApp\b|\bVKClient\b/],
];

/** An app that does not say its name: Android's mark of a WebView, and WebKit on iOS without Safari or another browser. */
export const webView =
  /; wv\)|\((?:iPhone|iPad|iPod)[^)]*\) AppleWebKit\/[\d.]+ \(KHTML, like Gecko\) Mobile\/\w+$/;
