import { isSettled, post } from './post.ts';
import { createUuid } from './random.ts';
import { readStoredList, session, store } from './stored.ts';
import type { WireConsent } from './consent.ts';

export const clicksName = '_hw_click';
/** One click for each key in this time; for as long, one that nobody has acknowledged is sent again. */
const windowMilliseconds = 30 * 60_000;
const patienceMilliseconds = 3_000;

/** As it is sent, every time the same. */
interface Click {
  readonly event_id: string;
  readonly key: string;
  readonly url: string;
  readonly referrer: string;
  readonly anonymous_id: string;
  readonly consent: WireConsent;
  readonly occurred_at: number;
  /** The server has dealt with it. */
  settled?: boolean;
}

export interface ReferralClicks {
  /** The id of the click that this page was reached by. */
  readonly landing: Promise<string | undefined> | undefined;
  /** Sends again what was not acknowledged. */
  retry(): void;
}

/**
 * A page that is reached with `?via=` or `?ref=`, past our redirect, reports the click that the redirect did not see.
 * Answers the id of that click, as soon as the server has said it, and what sends again those that were not
 * acknowledged: the server counts each of them once.
 */
export function createReferralClicks(
  url: string,
  landing: { readonly href: string; readonly anonymousId: string; readonly consent: WireConsent },
  mayKeep: () => boolean,
): ReferralClicks {
  const { href, anonymousId, consent } = landing;
  const parameters = new URL(href).searchParams;
  const key = parameters.get('via') || parameters.get('ref');
  const clicks = mayKeep() ? readClicks() : [];
  const save = (): void => {
    if (mayKeep()) store(session, clicksName, JSON.stringify(clicks));
  };

  async function send(click: Click): Promise<string | undefined> {
    if (click.settled) return undefined;
    // Nobody else sends it meanwhile; what is stored changes with the answer.
    click.settled = true;
    try {
      const response = await post(url, JSON.stringify(click), patienceMilliseconds);
      click.settled = isSettled(response);
      return ((await response.json()) as { click_id?: string }).click_id;
    } catch {
      // No connection, nothing in time, or no answer of ours.
      click.settled = false;
      return undefined;
    } finally {
      save();
    }
  }

  // With a click id in its address, the page was reached by our redirect.
  if (!key || withoutClick(href) !== href) return { landing: undefined, retry };
  let own = clicks.find((click) => click.key === key);
  if (!own) {
    own = {
      event_id: createUuid(),
      key,
      url: href,
      referrer: document.referrer,
      anonymous_id: anonymousId,
      consent,
      occurred_at: Date.now(),
    };
    clicks.push(own);
    save();
  }
  return { landing: send(own), retry };

  function retry(): void {
    for (const click of clicks) void send(click);
  }
}

function readClicks(): Click[] {
  return readStoredList<Click>(session, clicksName).filter(
    (click) => Date.now() - click.occurred_at < windowMilliseconds,
  );
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
