import type { AttributionSettings } from '../attribution/goal.ts';
import type { EnabledConnector } from '../connectors/enabled-connector.ts';
import type { ReferralSettings } from '../referrals/referral-settings.ts';
import type { WaitlistSettings } from '../waitlist/waitlist-entry.ts';
import type { SourceRule } from '../sources/source-rule.ts';
import type { InvitationSettings } from '../invitations/invitation-options.ts';
import type { PrivacyPreset, RetentionClass } from '../privacy/privacy-rules.ts';

/** What a workspace decides for itself. Stored as JSON; absent keys have the defaults named here. */
export interface WorkspaceSettings {
  /** May a page claim sales, or only servers? @default false */
  readonly browserSales?: boolean;
  /**
   * `proven`: an external id from a page counts only with an HMAC made by the host. `trusted`: it counts as it is.
   * @default 'proven'
   */
  readonly browserIdentify?: 'proven' | 'trusted';
  /** Sets no cookies, and recognises visitors within one day only, without joining anybody. @default false */
  readonly cookieless?: boolean;
  /**
   * What Global Privacy Control does. `honoured`: such visitors are measured as if the workspace was `cookieless`, and
   * nothing is kept that ad platforms know them by. `recorded`: it only stands with their arrivals.
   * @default 'honoured'
   */
  readonly gpc?: 'honoured' | 'recorded';
  /** Events older than this are refused. @default none: everything since 2000-01-01 */
  readonly retentionDays?: number;
  /** How much of people is stored: `docs/privacy.md` says what each switches. @default 'standard' */
  readonly privacy?: PrivacyPreset;
  /** Days after which what is not an event goes, by class. @default what the preset says */
  readonly retention?: Readonly<Partial<Record<RetentionClass, number>>>;
  /** Rules of identifier kinds that differ from the defaults, by kind. */
  readonly identifierKinds?: Readonly<Record<string, IdentifierKindSettings>>;
  /** Values that are never identifiers, beside the built-in list. */
  readonly blockedIdentifiers?: readonly string[];
  /** Hosts that are the product's own, beside those of the options. */
  readonly ownHosts?: readonly string[];
  /** Schemes of apps that destinations may open, beside those of the options: `['myapp']` for `myapp://pricing`. */
  readonly appSchemes?: readonly string[];
  /** Rules about where arrivals come from, asked before the built-in ones; the first that matches counts. */
  readonly sourceRules?: readonly SourceRule[];
  /** Look-back windows, and how repeated conversions count. @default 90 days for clicks, none for views; every one */
  readonly attribution?: AttributionSettings;
  /** What may be tracked on invitations, and how long they last. @default the options' */
  readonly invitations?: InvitationSettings;
  /** How referral codes work. */
  readonly referrals?: ReferralSettings;
  /** Since when the gate is shut. Written with the setting that shuts it, whatever is given here. */
  readonly gate?: { readonly since: string };
  /** How the waitlist moves. */
  readonly waitlist?: WaitlistSettings;
  /** How partners see what is theirs. */
  readonly partners?: PartnerSettings;
}

export interface PartnerSettings {
  /** Origins whose pages may show the partner's page in a frame. @default none */
  readonly frameAncestors?: readonly string[] | undefined;
}

export interface IdentifierKindSettings {
  readonly strength?: 'authoritative' | 'strong' | 'device' | 'weak';
  /** How many of one kind one person may have. */
  readonly limit?: number;
  /** 1 is the strongest; decides which identifier gives way when a limit is hit. */
  readonly priority?: number;
}

export interface Workspace {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  /** ISO 4217; what `*_cents` fields are in. */
  readonly currency: string;
  /** IANA zone of reports. */
  readonly timezone: string;
  readonly settings: WorkspaceSettings;
  /** Keys the workspace's hashes and encrypted values. Never leaves the process. */
  readonly dataKey: Buffer;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The workspaces and hosts, remembered in the process and kept fresh by the change log. */
export interface WorkspaceDirectory {
  /** The oldest workspace; `migrate` makes one where there is none. */
  first(): Promise<Workspace>;
  get(id: string): Promise<Workspace | undefined>;
  /** What the process remembers of it (without an id: of the first one), without asking the database. */
  remembered(id?: string): Workspace | undefined;
  /**
   * The workspace whose links a host serves: the first one for the configured link domains and the server's own
   * host, otherwise the one that has the host verified. `host` is lower case, with a port that is not the scheme's.
   */
  forHost(host: string): Promise<Workspace | undefined>;
  /** The same at once, where it was asked before and nothing has changed since; `undefined` says nothing. */
  servedBy(host: string): Workspace | undefined;
  /** Whether links of any workspace are served on a host of this name, whatever its port. */
  servesName(name: string): Promise<boolean>;
  /** Every host that is this workspace's own: link domains, configured own hosts. */
  ownHosts(workspace: Workspace): ReadonlySet<string>;
  /** The connectors that the workspace has switched on, as they were when it was loaded. */
  connectors(workspace: Workspace): readonly EnabledConnector[];
  /** Whether it has webhooks that are told of what happens, as it was when it was loaded. */
  hasWebhooks(workspace: Workspace): boolean;
  /** Forgets what is remembered of one workspace, or of all. */
  forget(id?: string): void;
}

export const slugPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A slug from a name: `Café Nord GmbH` becomes `cafe-nord-gmbh`; empty where nothing of it is left. */
export function slugFrom(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-+|-+$/g, '');
}

/** Whether the zone is one that the platform knows (IANA time zone database). */
export function isTimezone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
