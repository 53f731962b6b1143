import { watchNavigation } from './navigation.ts';
import type { Headwater, InitOptions, LeadInput } from './options.ts';
import { reportReferralClick, withClick, withoutClick } from './referral-click.ts';
import { safely } from './safely.ts';
import { createSender } from './sender.ts';
import { createUuid } from './uuid.ts';
import { createVisitorId } from './visitor-id.ts';
import { fieldsOf, signalsOf } from './wire-event.ts';
import type { WireEvent } from './wire-event.ts';

/** Starts the client in a page. */
export function createClient(page: Window & typeof globalThis, options: InitOptions): Headwater {
  const { document, location } = page;
  const base = new URL(options.endpoint.replace(/\/(t\/?)?$/, ''), location.href);
  const query = options.key ? `?key=${encodeURIComponent(options.key)}` : '';
  const visitor = createVisitorId(page, base);
  const click = reportReferralClick(page, `${base.href}/t/click${query}`, visitor.current());
  const sender = createSender(page, `${base.href}/t/event${query}`, {
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
      event_id: createUuid(page),
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

  function view(url: string, compare = (address: string) => address): void {
    const address = withoutClick(url);
    if (viewed !== undefined) {
      if (compare(viewed) === compare(address)) return;
      referrer = viewed;
    }
    viewed = address;
    send('pageview', {}, url);
  }

  /** By the prototype's own replaceState: neither our watch nor anybody else's takes this for a navigation. */
  function cleanAddress(): void {
    const address = withoutClick(location.href);
    if (address === location.href) return;
    page.History.prototype.replaceState.call(page.history, page.history.state, '', address);
  }

  const start = safely(() => {
    if (options.autoPageview !== false) view(location.href);
    if (options.autoSpaNavigation === false) return;
    watchNavigation(
      page,
      safely((replaced: boolean) => view(location.href, replaced ? withoutHash : undefined)),
    );
  });
  const prerendered = document as Document & { prerendering?: boolean };
  // A page that is rendered ahead has not been seen yet.
  if (prerendered.prerendering)
    document.addEventListener('prerenderingchange', start, { once: true });
  else start();
  // A page that comes back from the browser's cache runs no script again, and has been seen again.
  page.addEventListener(
    'pageshow',
    safely((event: PageTransitionEvent) => {
      if (!event.persisted || viewed === undefined) return;
      viewed = undefined;
      view(location.href);
    }),
  );

  return {
    pageview: safely((url) =>
      view(url === undefined ? location.href : new URL(url, location.href).href),
    ),
    track: safely((eventName, properties) => send('custom', { eventName, properties })),
    lead: safely((input = {}) => send('lead', input)),
    sale: safely((input) => send('sale', input)),
    identify: safely((externalId, details) => send('identify', { ...details, externalId })),
    flush: sender.flush,
  };
}

function withoutHash(url: string): string {
  return url.split('#')[0]!;
}
