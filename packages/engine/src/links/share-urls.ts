/** What goes with a link when it is shared. Everything is plain text; escaping is ours. */
export interface ShareOptions {
  /** The title of a post on Reddit. @default `text` */
  readonly title?: string | undefined;
  /** What a post or a message says beside the link. */
  readonly text?: string | undefined;
  /** The account on X that is named as the source. */
  readonly via?: string | undefined;
  /** With or without their `#`. */
  readonly hashtags?: readonly string[] | undefined;
  /** Of the email. @default `text`, or "Check this out" */
  readonly subject?: string | undefined;
  /** Of the email. @default the link */
  readonly body?: string | undefined;
}

export const sharePlatforms = [
  'twitter',
  'facebook',
  'linkedin',
  'whatsapp',
  'telegram',
  'reddit',
  'email',
  'copy',
] as const;

/** By platform: the address that opens its form for sharing. `copy` is the link itself. */
export type ShareUrls = Readonly<Record<(typeof sharePlatforms)[number], string>>;

/** The addresses by which people share a link, as the platforms document them. */
export function shareUrls(url: string, options: ShareOptions = {}): ShareUrls {
  const { title, text, via, hashtags = [], subject, body } = options;
  return {
    twitter: withQuery('https://twitter.com/intent/tweet', {
      url,
      text,
      via: via?.replace(/^@/, ''),
      hashtags: hashtags.map((tag) => tag.replace(/^#/, '')).join(','),
    }),
    facebook: withQuery('https://www.facebook.com/sharer/sharer.php', { u: url }),
    linkedin: withQuery('https://www.linkedin.com/sharing/share-offsite/', { url }),
    whatsapp: withQuery('https://api.whatsapp.com/send', { text: beside(text, url) }),
    telegram: withQuery('https://t.me/share/url', { url, text }),
    reddit: withQuery('https://reddit.com/submit', { url, title: title ?? text }),
    // RFC 6068 §5: a line of a mail ends with CR and LF.
    email: withQuery('mailto:', {
      subject: subject ?? text ?? 'Check this out',
      body: (body ?? url).replaceAll(/\r?\n/g, '\r\n'),
    }),
    copy: url,
  };
}

function beside(text: string | undefined, url: string): string {
  return text === undefined || text === '' ? url : `${text} ${url}`;
}

function withQuery(
  address: string,
  parameters: Readonly<Record<string, string | undefined>>,
): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${name}=${encode(value)}`],
  );
  return `${address}?${pairs.join('&')}`;
}

/** Spaces as `%20`: mail programs show a `+`. Quotes too, so that an address fits into any attribute of a page. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
