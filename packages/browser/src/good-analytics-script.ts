import { createClient } from './client.ts';
import type { Headwater, LeadInput, Properties, SaleInput } from './options.ts';
import { safely } from './safely.ts';
import { local, readStored, store } from './stored.ts';

/** What pages that were written for GoodAnalytics say to `init`; what has no meaning here is not read. */
interface GoodAnalyticsOptions {
  readonly endpoint?: string;
  readonly autoPageview?: boolean;
  readonly autoSpaNavigation?: boolean;
  readonly engagement?: boolean;
  readonly fingerprint?: string;
}

type Fields = Readonly<Record<string, unknown>>;

const identityName = '_ga_good';
const identityStored = '_ga_good_id';
const identitySeconds = 90 * 86_400;
/** GoodAnalytics takes these apart from the properties of an event. */
const ownFields = new Set([
  'event_name',
  'properties',
  'amount_cents',
  'currency',
  'person_external_id',
  'person_email',
  'person_phone',
  'person_name',
  'proof',
]);

const page = window as Window & { GoodAnalytics?: unknown };
if (page.GoodAnalytics === undefined) page.GoodAnalytics = createGoodAnalytics();
else console.warn('GoodAnalytics is there already');

/** The calls that its pages know. */
interface GoodAnalytics {
  init(options?: GoodAnalyticsOptions): GoodAnalytics | undefined;
  /** Starts an add-on with the client, once there is one. */
  use(module: unknown): GoodAnalytics | undefined;
  track(type: string, fields?: Fields): void;
  trackLead(fields?: Fields): void;
  trackSale(fields?: Fields): void;
  setFingerprint(fingerprint: string): void;
  getFingerprint(): string | null;
  setIdentity(id: string): void;
  getIdentity(): string | null;
  getAnonymousId(): string | null;
  getSignals(): object;
  forget(): void;
}

/** `window.GoodAnalytics`, made of our client. */
function createGoodAnalytics(): GoodAnalytics {
  let client: Headwater | undefined;
  let fingerprint: string | null = null;
  const arrivedBy = new URLSearchParams(location.search).get('ga_id');
  const modules: unknown[] = [];

  const say = (work: (client: Headwater) => void): void => {
    if (client === undefined) console.warn('GoodAnalytics.init() comes first');
    else work(client);
  };
  const lead = safely((fields: Fields = {}) => say((each) => each.lead(toInput(fields))));
  const sale = safely((fields: Fields = {}) =>
    say((each) => each.sale(toInput(fields) as SaleInput)),
  );

  const api: GoodAnalytics = {
    init: safely((options: GoodAnalyticsOptions = {}) => {
      if (client !== undefined) return api;
      client = createClient({
        endpoint: options.endpoint ?? '/ga/t',
        autoPageview: options.autoPageview,
        autoSpaNavigation: options.autoSpaNavigation,
        engagement: options.engagement,
      });
      if (arrivedBy !== null) api.setIdentity(arrivedBy);
      if (typeof options.fingerprint === 'string') api.setFingerprint(options.fingerprint);
      for (const module of modules.splice(0)) start(module);
      return api;
    }),
    use: safely((module: unknown) => {
      if (client === undefined) modules.push(module);
      else start(module);
      return api;
    }),
    track: safely((type: string, fields: Fields = {}) => {
      if (type === 'lead') return lead(fields);
      if (type === 'sale') return sale(fields);
      return say((each) => {
        const { externalId, properties, eventName, ...details } = toInput(fields);
        if (type === 'pageview')
          each.pageview(typeof fields['url'] === 'string' ? fields['url'] : undefined);
        else if (type === 'identify') each.identify(externalId ?? '', details);
        else each.track(eventName ?? type, properties);
      });
    }),
    trackLead: lead,
    trackSale: sale,
    setFingerprint: safely((value: string) => {
      fingerprint = value;
      say((each) => each.setFingerprint(value));
    }),
    getFingerprint: () => fingerprint,
    setIdentity: safely((id: string) => {
      const secure = location.protocol === 'https:' ? ';secure' : '';
      document.cookie = `${identityName}=${encodeURIComponent(id)};path=/;max-age=${identitySeconds};samesite=lax${secure}`;
      store(local, identityStored, id);
    }),
    getIdentity,
    /** The server's cookie is out of reach of scripts. */
    getAnonymousId: () => null,
    getSignals: () => ({ ga_id: getIdentity(), anonymous_id: null, fingerprint }),
    forget: safely(() => {
      document.cookie = `${identityName}=;path=/;max-age=0`;
      store(local, identityStored);
      fingerprint = null;
      say((each) => each.forget());
    }),
  };
  return api;

  function start(module: unknown): void {
    if (typeof module === 'function') (module as (client: unknown) => void)(api);
    else (module as { init?: (client: unknown) => void } | null)?.init?.(api);
  }

  function getIdentity(): string | null {
    const cookie = /(?:^|; )_ga_good=([^;]+)/.exec(document.cookie)?.[1];
    return cookie === undefined
      ? (readStored(local, identityStored) ?? arrivedBy)
      : decodeURIComponent(cookie);
  }
}

/** GoodAnalytics spreads what a page says of an event over the whole beacon. */
function toInput(fields: Fields): LeadInput {
  const others = Object.entries(fields).filter(([name]) => !ownFields.has(name));
  const text = (name: string): string | undefined =>
    typeof fields[name] === 'string' ? fields[name] : undefined;
  const input: Record<string, unknown> = {
    externalId: text('person_external_id'),
    email: text('person_email'),
    phone: text('person_phone'),
    name: text('person_name'),
    proof: text('proof'),
    eventName: text('event_name'),
    amountCents: fields['amount_cents'],
    currency: text('currency'),
    properties: { ...Object.fromEntries(others), ...(fields['properties'] as Properties) },
  };
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}
