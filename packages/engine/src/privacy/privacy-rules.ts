import type { IdentifierKind } from '../visitors/identifier-kind.ts';
import type { WorkspaceSettings } from '../workspaces/workspace.ts';

/** Ready-made answers to how much of people is stored. */
export const privacyPresets = ['standard', 'cookieless', 'cnil-exempt'] as const;
export type PrivacyPreset = (typeof privacyPresets)[number];

/** What is kept for a time of its own. Events by people have `retentionDays`. */
export const retentionClasses = [
  'machineEvents',
  'visits',
  'attribution',
  'clickIds',
  'evidence',
] as const;
export type RetentionClass = (typeof retentionClasses)[number];

export interface VisitorCookie {
  readonly days: number;
  /** Whether each visit lets it begin anew. */
  readonly renewed: boolean;
}

/** What a workspace stores of people: its preset, with what it has decided otherwise. */
export interface PrivacyRules {
  readonly preset: PrivacyPreset;
  /** The cookie by which browsers are recognised; `undefined` where there is none. */
  readonly cookie: VisitorCookie | undefined;
  /** Whether the network of an address (/24, /48) is kept with a visit. The address itself never is. */
  readonly networks: boolean;
  /** Whether ids of advertising clicks are kept. */
  readonly clickIds: boolean;
  /** Whether what scripts make of a device is kept, with an event or as an identifier. */
  readonly fingerprints: boolean;
  /** Whether visitors are identified and joined to people: external ids, emails, phones, names, our own click ids. */
  readonly people: boolean;
  /** Days; `undefined` is for ever. */
  readonly retention: Readonly<Record<'events' | RetentionClass, number | undefined>>;
}

/** As long as a browser keeps one (RFC 6265bis §5.5). */
const usualCookie: VisitorCookie = { days: 400, renewed: true };
/** Of advertising click ids: the longest window in which the platforms take conversions (reference §5). */
const clickIdDaysMax = 90;
/** 25 months, the longest that the CNIL's exemption for audience measurement allows. */
const cnilDays = 760;

type Preset = Omit<PrivacyRules, 'preset' | 'retention'> & {
  readonly retention: Partial<PrivacyRules['retention']>;
};

const presets: Readonly<Record<PrivacyPreset, Preset>> = {
  standard: {
    cookie: usualCookie,
    networks: true,
    clickIds: true,
    fingerprints: true,
    people: true,
    retention: { clickIds: clickIdDaysMax },
  },
  cookieless: {
    cookie: undefined,
    networks: false,
    clickIds: false,
    fingerprints: false,
    people: true,
    retention: { clickIds: clickIdDaysMax },
  },
  // https://www.cnil.fr/fr/cookies-solutions-pour-les-outils-de-mesure-daudience: nothing but audience measurement,
  // no cross-checking with other data, addresses without their last byte, a cookie of 13 months that is not prolonged,
  // data of 25 months.
  'cnil-exempt': {
    cookie: { days: 395, renewed: false },
    networks: true,
    clickIds: false,
    fingerprints: false,
    people: false,
    retention: {
      events: cnilDays,
      machineEvents: cnilDays,
      visits: cnilDays,
      attribution: cnilDays,
      clickIds: clickIdDaysMax,
      evidence: cnilDays,
    },
  },
};

/** The rules of a workspace. A preset's limits may be tightened, never widened, but for `standard`. */
export function privacyRules(settings: WorkspaceSettings): PrivacyRules {
  const name = settings.privacy ?? 'standard';
  const preset = presets[name];
  const own = { ...settings.retention, events: settings.retentionDays };
  const days = (of: 'events' | RetentionClass): number | undefined => {
    const chosen = own[of];
    const limit = preset.retention[of];
    if (name === 'standard') return chosen ?? limit;
    return chosen === undefined || limit === undefined
      ? (chosen ?? limit)
      : Math.min(chosen, limit);
  };
  const events = days('events');
  return {
    ...preset,
    cookie: visitorCookie(settings),
    preset: name,
    retention: {
      events,
      machineEvents: shorter(days('machineEvents'), events),
      visits: days('visits'),
      attribution: days('attribution'),
      clickIds: days('clickIds'),
      evidence: days('evidence'),
    },
  };
}

/** The cookie of a workspace's visitors; `undefined` where they have none. */
export function visitorCookie(settings: WorkspaceSettings | undefined): VisitorCookie | undefined {
  if (settings?.cookieless === true) return undefined;
  return settings?.privacy === undefined ? usualCookie : presets[settings.privacy].cookie;
}

/** Whether the click that brought a browser is kept in a cookie: it serves to join visitors to people. */
export function keepsClickCookie(settings: WorkspaceSettings | undefined): boolean {
  return presets[settings?.privacy ?? 'standard'].people && visitorCookie(settings) !== undefined;
}

/** How long events are kept, in days; older ones are refused. `undefined` is for ever. */
export function eventDays(settings: WorkspaceSettings): number | undefined {
  return settings.privacy === undefined || settings.privacy === 'standard'
    ? settings.retentionDays
    : privacyRules(settings).retention.events;
}

/** How long ids of advertising clicks are kept, in days. */
export function clickIdDays(settings: WorkspaceSettings): number {
  const chosen = settings.retention?.clickIds ?? clickIdDaysMax;
  return settings.privacy === undefined || settings.privacy === 'standard'
    ? chosen
    : Math.min(chosen, clickIdDaysMax);
}

/** Whether the workspace does not store identifiers of this kind: they say who somebody is. */
export function isWithheld(kind: IdentifierKind, settings: WorkspaceSettings): boolean {
  if (settings.privacy === undefined || settings.privacy === 'standard') return false;
  const { people, fingerprints } = presets[settings.privacy];
  if (kind.kind === 'fingerprint') return !fingerprints;
  const saysWho = kind.strength === 'authoritative' || kind.strength === 'strong';
  return saysWho && !people;
}

function shorter(left: number | undefined, right: number | undefined): number | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return Math.min(left, right);
}
