/** What `init` takes; the script tag has the same as `data-` attributes. */
export interface InitOptions {
  /** Where Headwater is mounted: `/hw`, or `https://go.example/hw` on another host. */
  endpoint: string;
  /** The publishable key (`hw_pk_…`); not needed where the endpoint is on the page's own site. */
  key?: string | undefined;
  /**
   * Counts the page that is open when the client starts.
   * @default true
   */
  autoPageview?: boolean | undefined;
  /**
   * Counts the page views of single-page applications (pushState, replaceState, popstate, hashchange).
   * @default true
   */
  autoSpaNavigation?: boolean | undefined;
  /**
   * Reports how long each page was visible with the focus, and how far it was scrolled.
   * @default true
   */
  engagement?: boolean | undefined;
  /**
   * What the visitor has agreed to when the page opens: one word for every purpose, or each by itself. `pending`: it is
   * still being asked.
   * @default not asked: everything is allowed that the browser does not speak against
   */
  consent?: ConsentState | ConsentChoices | undefined;
  /**
   * Honours the browser's Global Privacy Control: nothing is kept on the device, and no cookie of an ad platform is read.
   * @default true
   */
  gpc?: boolean | undefined;
  /**
   * Keeps nothing on the device, for workspaces without cookies.
   * @default false
   */
  cookieless?: boolean | undefined;
}

export type ConsentState = 'granted' | 'denied' | 'pending';

/**
 * By purpose. `analytics`: pending holds events in the memory of the page, denied sends none. `ads`: without it no
 * cookie of an ad platform is read or kept. Purposes of your own are recorded with each arrival.
 */
export interface ConsentChoices {
  readonly analytics?: ConsentState | undefined;
  readonly ads?: ConsentState | undefined;
  readonly [purpose: string]: ConsentState | undefined;
}

/** Who somebody is, as far as the page knows. */
export interface PersonDetails {
  email?: string | undefined;
  phone?: string | undefined;
  name?: string | undefined;
  metadata?: Properties | undefined;
  /** What the host's server made of the external id (and the email): without it neither counts as proven. */
  proof?: string | undefined;
}

export type Properties = Readonly<Record<string, string | number | boolean | null>>;

export interface LeadInput extends PersonDetails {
  externalId?: string | undefined;
  eventName?: string | undefined;
  properties?: Properties | undefined;
  /** Minor units of the currency: 4900 is 49.00 USD. */
  amountCents?: number | undefined;
  /** ISO 4217; left out, it is the workspace's. */
  currency?: string | undefined;
}

export interface SaleInput extends LeadInput {
  amountCents: number;
}

/** The client. No method throws, whatever it is given. */
export interface Headwater {
  /** Counts a page view, of the present page where no URL is given; the page that was counted last is not counted again. */
  pageview(url?: string): void;
  /** Records an event of your own. */
  track(name: string, properties?: Properties): void;
  lead(input?: LeadInput): void;
  sale(input: SaleInput): void;
  /** Says who the visitor is. */
  identify(externalId: string, details?: PersonDetails): void;
  /** Sends what is waiting now; tells whether all of it was acknowledged. */
  flush(): Promise<boolean>;
  /** Says what the visitor agrees to from now on; purposes that are left out stay as they were. */
  consent(choices: ConsentState | ConsentChoices): void;
  /** Visits of this browser do not count from now on, on any page of this site: for the people who make it. */
  optOut(): void;
  /** Takes `optOut` or `forget` back. */
  optIn(): void;
  /** Removes everything of ours from this device, drops what waits, and sends nothing from this browser any more. */
  forget(): void;
  /** Sends what an add-on makes of the device with the next event: it is kept there, and joins nobody. */
  setFingerprint(fingerprint: string): void;
}
