import { createConsent } from './consent.ts';
import { watchEngagement } from './engagement.ts';
import type { Engagement } from './engagement.ts';
import { watchNavigation } from './navigation.ts';
import { createOptOut } from './opt-out.ts';
import type { Headwater, InitOptions, LeadInput } from './options.ts';
import { createUuid } from './random.ts';
import { clicksName, createReferralClicks, withClick, withoutClick } from './referral-click.ts';
import type { ReferralClicks } from './referral-click.ts';
import { safely } from './safely.ts';
import { createSender } from './sender.ts';
import { session, store } from './stored.ts';
import { createVisitorId } from './visitor-id.ts';
import { fieldsOf, signalsOf } from './wire-event.ts';
import type { WireEvent } from './wire-event.ts';

const heldMax = 200;
const noClicks: ReferralClicks = { landing: undefined, retry() {} };

/** Starts the client in the page that it runs in. */
export function createClient(options: InitOptions): Headwater {
  const base = new URL(options.endpoint.replace(/\/(t\/?)?$/, ''), location.href);
  const query = options.key ? `?key=${encodeURIComponent(options.key)}` : '';
  const urlOf = (name: string): string => `${base.href}/t/${name}${query}`;
  const arrivedAt = location.href;

  const consent = createConsent(options);
  const optOut = createOptOut(urlOf('choice'));
  /** The server says that its workspace does without anything kept. */
  let isCookieless = false;
  const decide = () => (optOut.isOut() ? 'drop' : consent.decide());
  const mayKeep = (): boolean => decide() === 'send' && consent.allowsStorage && !isCookieless;

  const visitor = createVisitorId(base, mayKeep);
  const engagement = options.engagement === false ? undefined : watchEngagement();
  let clicks: ReferralClicks | undefined;
  const sender = createSender(urlOf('event'), {
    hold: () => clicks?.landing,
    mayKeep,
    onAcknowledged: safely(({ rotate, cookieless, anonymous_id }) => {
      cleanAddress();
      if (cookieless) {
        isCookieless = true;
        visitor.drop();
      } else if (rotate) visitor.renew(anonymous_id);
    }),
  });

  /** The page view that events happen on. */
  let viewed: string | undefined;
  let referrer = document.referrer;
  let landing: WireEvent | undefined;
  /** What happened before the visitor was asked for consent. */
  let held: WireEvent[] = [];
  let fingerprint: string | undefined;

  function send(
    type: WireEvent['event_type'],
    input: LeadInput,
    url = location.href,
    measured?: Engagement,
  ): void {
    const decision = decide();
    if (decision === 'drop') return;
    const event: WireEvent = {
      ...fieldsOf(input),
      ...measured,
      event_id: createUuid(),
      event_type: type,
      url,
      referrer,
      occurred_at: new Date().toISOString(),
    };
    // A copy: what the caller changes later does not change the event, and what is no JSON fails here.
    const copy = JSON.parse(JSON.stringify(event)) as WireEvent;
    if (decision === 'send') deliver(copy);
    else if (held.length < heldMax) held.push(copy);
  }

  /** What the visitor agrees to now is what counts for an event that has not been sent yet. */
  function deliver(event: WireEvent): void {
    Object.assign(event, {
      anonymous_id: visitor.current(),
      consent: consent.toWire(),
      signals: consent.allowsAds() ? signalsOf(document.cookie) : undefined,
      fingerprint: mayKeep() ? fingerprint : undefined,
    });
    fingerprint = undefined;
    landing ??= event;
    sender.enqueue(event);
  }

  function proceed(): void {
    if (decide() !== 'send') return;
    if (mayKeep()) visitor.keep();
    else visitor.drop();
    if (!clicks) {
      const arrival = {
        href: arrivedAt,
        anonymousId: visitor.current(),
        consent: consent.toWire(),
      };
      clicks = createReferralClicks(urlOf('click'), arrival, mayKeep);
      void clicks.landing?.then((id) => {
        if (id && landing) landing.url = withClick(landing.url, id);
      });
    }
    for (const event of held.splice(0)) deliver(event);
  }

  /** Nothing of ours stays in the page and on the device, and nothing waits. */
  function drop(tellServer: () => void = () => {}): void {
    held = [];
    fingerprint = undefined;
    if (clicks) clicks = noClicks;
    visitor.drop();
    store(session, clicksName);
    const answered = sender.clear();
    tellServer();
    // An answer that was still on its way has brought the cookies of the server back.
    void answered?.then(() => decide() === 'drop' && tellServer());
  }

  const forget = safely(() => drop(() => optOut.set(true)));

  function view(url: string, isSame = (before: string, after: string) => before === after): void {
    const address = withoutClick(url);
    if (viewed !== undefined) {
      if (isSame(viewed, address)) return;
      report(true);
      referrer = viewed;
    }
    viewed = address;
    clicks?.retry();
    send('pageview', {}, url);
  }

  /** The open page counts after all: its view was dropped. */
  function viewAfterAll(): void {
    if (viewed === undefined) return;
    viewed = undefined;
    view(location.href);
  }

  function report(isNewPage: boolean): void {
    const measured = viewed === undefined ? undefined : engagement?.take(isNewPage);
    if (measured) send('engagement', {}, viewed, measured);
  }

  /** By the prototype's own replaceState: neither our watch nor anybody else's takes this for a navigation. */
  function cleanAddress(): void {
    const address = withoutClick(location.href);
    if (address !== location.href)
      History.prototype.replaceState.call(history, history.state, '', address);
  }

  const start = safely(() => {
    // For people who do not count their own visits, and have no console at hand.
    const [, choice] = /^#hw-opt-(in|out)$/.exec(location.hash) ?? [];
    if (choice === 'out') forget();
    if (choice === 'in') optOut.set(false);
    proceed();
    if (options.autoPageview !== false) view(location.href);
    if (options.autoSpaNavigation === false) return;
    watchNavigation(safely((replaced) => view(location.href, replaced ? isSamePage : undefined)));
  });
  // A page that is rendered ahead has not been seen yet.
  if ((document as Document & { prerendering?: boolean }).prerendering) {
    document.addEventListener('prerenderingchange', start, { once: true });
  } else start();
  document.addEventListener(
    'visibilitychange',
    safely(() => {
      if (document.visibilityState !== 'hidden') return;
      report(false);
      sender.keep();
    }),
  );
  addEventListener(
    'pagehide',
    safely(() => {
      report(true);
      sender.leave();
    }),
  );
  // A page that comes back from the browser's cache runs no script again, and has been seen again.
  addEventListener(
    'pageshow',
    safely((event) => {
      if (!event.persisted) return;
      sender.comeBack();
      if (viewed !== undefined) view(location.href, () => false);
    }),
  );

  return {
    pageview: safely((url = location.href) => view(new URL(url, location.href).href)),
    track: safely((eventName, properties) => send('custom', { eventName, properties })),
    lead: safely((input = {}) => send('lead', input)),
    sale: safely((input) => send('sale', input)),
    identify: safely((externalId, details) => send('identify', { ...details, externalId })),
    flush: () => (held.length > 0 ? Promise.resolve(false) : sender.flush()),
    consent: safely((choices) => {
      const before = decide();
      consent.choose(choices);
      const after = decide();
      if (before === after) return;
      if (after === 'drop')
        drop(before === 'send' ? () => void optOut.tell({ forget: true }) : undefined);
      proceed();
      if (before === 'drop') viewAfterAll();
    }),
    optOut: forget,
    optIn: safely(() => {
      optOut.set(false);
      proceed();
      viewAfterAll();
    }),
    forget,
    setFingerprint: safely((value) => {
      fingerprint = value;
    }),
  };
}

function isSamePage(before: string, after: string): boolean {
  return before.split('#')[0] === after.split('#')[0];
}
