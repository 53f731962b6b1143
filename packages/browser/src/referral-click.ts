import { post } from './post.ts';

const repeatMilliseconds = 30 * 60_000;
const patienceMilliseconds = 3_000;

/**
 * A page that is reached with `?via=` or `?ref=`, past our redirect, reports the click that the redirect did not see;
 * once in 30 minutes for each key. Answers the id of the click.
 */
export function reportReferralClick(
  url: string,
  anonymousId: string,
): Promise<string | undefined> | undefined {
  const { href, search } = location;
  const parameters = new URLSearchParams(search);
  const key = parameters.get('via') || parameters.get('ref');
  if (!key || withoutClick(href) !== href || wasReported(key)) return undefined;
  const click = { key, url: href, referrer: document.referrer, anonymous_id: anonymousId };
  return post(url, JSON.stringify(click), patienceMilliseconds)
    .then((response) => response.json() as Promise<{ click_id?: string }>)
    .then((answer) => answer.click_id)
    .catch(() => undefined);
}

function wasReported(key: string): boolean {
  const name = `_hw_click_${key}`;
  const now = Date.now();
  try {
    if (now - Number(sessionStorage.getItem(name)) < repeatMilliseconds) return true;
    sessionStorage.setItem(name, String(now));
  } catch {
    // Storage is switched off: the click is reported again.
  }
  return false;
}

/** The address without our click id. */
export function withoutClick(url: string): string {
  return url.replace(
    /([?&])(?:hw_click|ga_id)=[\da-f-]{36}(&?)/gi,
    (_, before: string, after: string) => after && before,
  );
}

export function withClick(url: string, clickId: string): string {
  const target = new URL(url);
  target.search += `${target.search ? '&' : '?'}hw_click=${clickId}`;
  return target.href;
}
