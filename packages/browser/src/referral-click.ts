const repeatMilliseconds = 30 * 60_000;

/**
 * A page that is reached with `?via=` or `?ref=`, past our redirect, reports the click that the redirect did not see;
 * once in 30 minutes for each key. Answers the id of the click.
 */
export function reportReferralClick(
  page: Window & typeof globalThis,
  url: string,
  anonymousId: string,
): Promise<string | undefined> | undefined {
  const { href, search } = page.location;
  const parameters = new URLSearchParams(search);
  const key = parameters.get('via') || parameters.get('ref');
  if (!key || withoutClick(href) !== href || wasReported(page, key)) return undefined;
  return page
    .fetch(url, {
      method: 'POST',
      body: JSON.stringify({
        key,
        url: href,
        referrer: page.document.referrer,
        anonymous_id: anonymousId,
      }),
      credentials: 'include',
      keepalive: true,
      signal: AbortSignal.timeout?.(3_000) ?? null,
    })
    .then((response) => response.json() as Promise<{ click_id?: string }>)
    .then((answer) => answer.click_id)
    .catch(() => undefined);
}

function wasReported(page: Window, key: string): boolean {
  const name = `_hw_click_${key}`;
  try {
    const before = Number(page.sessionStorage.getItem(name));
    if (Date.now() - before < repeatMilliseconds) return true;
    page.sessionStorage.setItem(name, String(Date.now()));
  } catch {
    // Storage is switched off: the click is reported again.
  }
  return false;
}

const clickParameter = /([?&])(?:hw_click|ga_id)=[\da-f-]{36}(&?)/gi;

/** The address without our click id. */
export function withoutClick(url: string): string {
  return url.replace(clickParameter, (_, before: string, after: string) => after && before);
}

export function withClick(url: string, clickId: string): string {
  const target = new URL(url);
  target.search += `${target.search ? '&' : '?'}hw_click=${clickId}`;
  return target.href;
}
