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
}
