import { watchNavigation } from './navigation.ts';
import type { Headwater, InitOptions, LeadInput } from './options.ts';
import { createUuid } from './random.ts';
import { createReferralClicks, withClick, withoutClick } from './referral-click.ts';
import { safely } from './safely.ts';
import { createSender } from './sender.ts';
import { createVisitorId } from './visitor-id.ts';
import { fieldsOf, signalsOf } from './wire-event.ts';
import type { WireEvent } from './wire-event.ts';

/** Starts the client in the page that it runs in. */
export function createClient(options: InitOptions): Headwater {
  const base = new URL(options.endpoint.replace(/\/(t\/?)?$/, ''), location.href);
  const query = options.key ? `?key=${encodeURIComponent(options.key)}` : '';
  const visitor = createVisitorId(base);
  const [click, retryClicks] = createReferralClicks(
    `${base.href}/t/click${query}`,
    visitor.current(),
  );
  const sender = createSender(`${base.href}/t/event${query}`, {
    hold: click,
    onAcknowledged: safely(cleanAddress),
    onRotate: visitor.renew,
  });

  /** The page view that events happen on. */
  let viewed: string | undefined;
  let referrer = document.referrer;
  let landing: WireEvent | undefined;
  void click?.then((id) => {
    if (id && landing) landing.url = withClick(landing.url, id);
  });

  function send(type: WireEvent['event_type'], input: LeadInput, url = location.href): void {
    const event: WireEvent = {
      ...fieldsOf(input),
      event_id: createUuid(),
      event_type: type,
      url,
      referrer,
      occurred_at: new Date().toISOString(),
      anonymous_id: visitor.current(),
      signals: signalsOf(document.cookie),
    };
    // A copy: what the caller changes later does not change the event, and what is no JSON fails here.
    const copy = JSON.parse(JSON.stringify(event)) as WireEvent;
    landing ??= copy;
    sender.enqueue(copy);
  }

  function view(url: string, isSame = (before: string, after: string) => before === after): void {
    const address = withoutClick(url);
    if (viewed !== undefined) {
      if (isSame(viewed, address)) return;
      referrer = viewed;
    }
    viewed = address;
    retryClicks();
    send('pageview', {}, url);
  }

  /** By the prototype's own replaceState: neither our watch nor anybody else's takes this for a navigation. */
  function cleanAddress(): void {
    const address = withoutClick(location.href);
    if (address !== location.href)
      History.prototype.replaceState.call(history, history.state, '', address);
  }

  const start = safely(() => {
    if (options.autoPageview !== false) view(location.href);
    if (options.autoSpaNavigation === false) return;
    watchNavigation(safely((replaced) => view(location.href, replaced ? isSamePage : undefined)));
  });
  // A page that is rendered ahead has not been seen yet.
  if ((document as Document & { prerendering?: boolean }).prerendering) {
    document.addEventListener('prerenderingchange', start, { once: true });
  } else start();
  // A page that comes back from the browser's cache runs no script again, and has been seen again.
  addEventListener(
    'pageshow',
    safely((event) => {
      if (event.persisted && viewed !== undefined) view(location.href, () => false);
    }),
  );

  return {
    pageview: safely((url = location.href) => view(new URL(url, location.href).href)),
    track: safely((eventName, properties) => send('custom', { eventName, properties })),
    lead: safely((input = {}) => send('lead', input)),
    sale: safely((input) => send('sale', input)),
    identify: safely((externalId, details) => send('identify', { ...details, externalId })),
    flush: sender.flush,
  };
}

function isSamePage(before: string, after: string): boolean {
  return before.split('#')[0] === after.split('#')[0];
}
