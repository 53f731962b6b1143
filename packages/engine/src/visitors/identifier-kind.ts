import type { WorkspaceSettings } from '../workspaces/workspace.ts';

/**
 * What an identifier may do. `authoritative`: the host's own id, at most one for a person; two people with different
 * ones never merge. `strong`: joins people (email, phone). `device`: joins people, and is what a visit happens on.
 * `weak`: is recorded, never joins anybody (fingerprints, cookieless hashes).
 */
export type IdentifierStrength = 'authoritative' | 'strong' | 'device' | 'weak';

export interface IdentifierKind {
  readonly kind: string;
  readonly strength: IdentifierStrength;
  /** How many values of this kind one person may have. */
  readonly limit: number;
  /** 1 is the strongest. The weaker identifier of an event gives way when both cannot hold. */
  readonly priority: number;
  /** Whether the API may show the value, so that it is kept (encrypted) beside its hash. */
  readonly readable: boolean;
}

const defaults: readonly IdentifierKind[] = [
  { kind: 'external_id', strength: 'authoritative', limit: 1, priority: 1, readable: true },
  { kind: 'email', strength: 'strong', limit: 5, priority: 2, readable: true },
  { kind: 'phone', strength: 'strong', limit: 5, priority: 3, readable: true },
  { kind: 'visitor', strength: 'device', limit: 200, priority: 20, readable: false },
  { kind: 'anonymous_id', strength: 'device', limit: 200, priority: 21, readable: false },
  { kind: 'fingerprint', strength: 'weak', limit: 1_000, priority: 90, readable: false },
  { kind: 'cookieless', strength: 'weak', limit: 1_000, priority: 91, readable: false },
];

/** Kinds that a host makes up: strong, after email and phone. */
const customKind = { strength: 'strong', limit: 5, priority: 10, readable: true } as const;

const byKind = new Map(defaults.map((kind) => [kind.kind, kind]));

/** The rules of one kind in one workspace. */
export function identifierKind(kind: string, settings: WorkspaceSettings): IdentifierKind {
  const base = byKind.get(kind) ?? { kind, ...customKind };
  const own = settings.identifierKinds?.[kind];
  if (own === undefined) return base;
  // What many devices share joins nobody, whatever a workspace wishes.
  return { ...base, ...own, ...(base.strength === 'weak' && { strength: base.strength }) };
}

/** The most visitors that one person may consist of (reference §1.6: bounds the work of a merge). */
export const membersMax = 500;

/** A device used by this many different external ids within the window is shared: it joins nobody any more. */
export const sharedDeviceUsers = 3;
export const sharedDeviceWindowDays = 30;

/** A visitor named by its id. In `identify` it is the device to identify; anywhere else it decides alone. */
export const namedById: IdentifierKind = {
  kind: 'visitor_id',
  strength: 'device',
  limit: Infinity,
  priority: 25,
  readable: false,
};

/** The visitor of a click, seen from its landing. */
export const clickedBy: IdentifierKind = {
  kind: 'hw_click',
  strength: 'device',
  limit: Infinity,
  priority: 30,
  readable: false,
};

/** A visitor without any identifier (all of them blocked). */
export const nameless: IdentifierKind = {
  kind: 'none',
  strength: 'weak',
  limit: Infinity,
  priority: 99,
  readable: false,
};

/** Names that no identifier of a host may have. */
export const reservedKinds: ReadonlySet<string> = new Set([
  namedById.kind,
  clickedBy.kind,
  nameless.kind,
  'cookieless',
]);
