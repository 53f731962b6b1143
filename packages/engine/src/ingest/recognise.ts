import type { ClickTouch, TouchStore } from '../attribution/touch-store.ts';
import { isWithheld } from '../privacy/privacy-rules.ts';
import type { Database } from '../store/database.ts';
import { identifierKind } from '../visitors/identifier-kind.ts';
import type { IdentifierKind } from '../visitors/identifier-kind.ts';
import { hashIdentifier } from '../visitors/hash-identifier.ts';
import type { IdentityStore } from '../visitors/identity-store.ts';
import { normaliseIdentifier } from '../visitors/normalise-identifier.ts';
import type { VisitorStore } from '../visitors/visitor-store.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { IncomingEvent } from './event.ts';
import type { PersonHint, RecognitionMemory } from './recognition-memory.ts';

/** An identifier of an event, normalised. */
export interface NamedIdentifier {
  readonly kind: IdentifierKind;
  readonly value: string;
  /** Unique within the workspace. */
  readonly key: string;
}

/** An event with everything that is known about who it was before its batch begins. */
export interface RecognisedEvent {
  readonly event: IncomingEvent;
  /** Strongest first; a weak one only where there is nothing else. */
  readonly identifiers: readonly NamedIdentifier[];
  /** Weak identifiers beside stronger ones: kept, without a say. */
  readonly weak: readonly NamedIdentifier[];
  /** Kinds whose values were blocked. */
  readonly blocked: readonly string[];
}

/** What the lookups of one batch found. */
export interface Recognition {
  /** Visitor by identifier key; absent: nobody has it yet. */
  readonly visitors: ReadonlyMap<string, string>;
  /** By visitor id, for every visitor that the batch names; absent: there is no such visitor. */
  readonly hints: ReadonlyMap<string, PersonHint>;
  /** Versions of the roots, where they had to be read. */
  readonly rootVersions: ReadonlyMap<string, number>;
  /** Clicks of ours that landings name, by id. */
  readonly clicks: ReadonlyMap<string, ClickTouch>;
  /** Visitors of people who were erased, and when: what names them is refused. */
  readonly erased: ReadonlyMap<string, number>;
}

export interface RecogniseDependencies {
  readonly database: Database;
  readonly memory: RecognitionMemory;
  readonly identities: IdentityStore;
  readonly visitors: VisitorStore;
  readonly touches: TouchStore;
}

interface FoundVisitor {
  readonly id: string;
  readonly root_id: string;
  readonly current_visitor_id: string | null;
  readonly erased_at: Date | null;
  readonly root_version: number;
}

export function nameIdentifiers(event: IncomingEvent, workspace: Workspace): RecognisedEvent {
  const identifiers: NamedIdentifier[] = [];
  const weak: NamedIdentifier[] = [];
  const blocked: string[] = [];
  if (event.visitorId === undefined || event.type === 'identify') {
    for (const identifier of event.identifiers) {
      const kind = identifierKind(identifier.kind, workspace.settings);
      const value = isWithheld(kind, workspace.settings)
        ? undefined
        : normaliseIdentifier(identifier, workspace.settings);
      if (value === undefined) {
        blocked.push(identifier.kind);
        continue;
      }
      const named = { kind, value, key: `${kind.kind}\0${value}` };
      const list = kind.strength === 'weak' ? weak : identifiers;
      if (!list.some((other) => other.key === named.key)) list.push(named);
    }
  }
  if (identifiers.length > 1) {
    identifiers.sort(
      (left, right) => left.kind.priority - right.kind.priority || (left.key < right.key ? -1 : 1),
    );
  }
  // Weak identifiers join nobody, not even each other: where there is nothing else, the first one speaks alone.
  const alone = identifiers.length === 0 && event.visitorId === undefined ? 1 : 0;
  return {
    event,
    identifiers: alone === 0 ? identifiers : weak.slice(0, 1),
    weak: weak.slice(alone),
    blocked,
  };
}

/** Looks up what the process does not remember: three statements at most, none where everything is known. */
export async function recognise(
  dependencies: RecogniseDependencies,
  workspace: Workspace,
  events: readonly RecognisedEvent[],
  trustFresh: boolean,
): Promise<Recognition> {
  const { database, memory } = dependencies;
  const visitors = new Map<string, string>();
  const unknown = new Map<string, NamedIdentifier>();
  const clickIds = new Set<string>();
  for (const { event, identifiers, weak } of events) {
    const fresh =
      trustFresh && event.identifiers.length === 1 && event.identifiers[0]?.fresh === true;
    for (const named of weak.length === 0 ? identifiers : [...identifiers, ...weak]) {
      if (visitors.has(named.key)) continue;
      const visitorId = memory.visitorOf(workspace.id, named.kind.kind, named.value);
      if (visitorId !== undefined) visitors.set(named.key, visitorId);
      else if (!fresh) unknown.set(named.key, named);
    }
    if (event.arrival?.clickId !== undefined) clickIds.add(event.arrival.clickId);
  }

  if (unknown.size > 0) {
    const byHash = new Map<string, NamedIdentifier>();
    const hashes: Buffer[] = [];
    for (const named of unknown.values()) {
      const hash = hashIdentifier(workspace, named.kind.kind, named.value);
      hashes.push(hash);
      byHash.set(`${named.kind.kind}\0${hash.toString('hex')}`, named);
    }
    const rows = await database.run<{ kind: string; value_hash: string; visitor_id: string }>(
      dependencies.identities.find,
      [workspace.id, [...unknown.values()].map((named) => named.kind.kind), hashes],
    );
    for (const row of rows) {
      const named = byHash.get(`${row.kind}\0${row.value_hash}`);
      if (named === undefined) continue;
      visitors.set(named.key, row.visitor_id);
      memory.rememberIdentifier(workspace.id, named.kind.kind, named.value, row.visitor_id);
    }
  }

  const clicks = new Map<string, ClickTouch>();
  if (clickIds.size > 0) {
    const rows = await database.run<ClickTouch>(dependencies.touches.findClicks, [
      workspace.id,
      [...clickIds],
    ]);
    for (const row of rows) clicks.set(row.id, row);
  }

  const found = await findHints(dependencies, workspace, events, visitors, clicks);
  if (found.erased.size > 0) {
    // An erasure may have been lifted: its identifiers are not remembered, but looked up each time.
    let wasRemembered = false;
    for (const named of events.flatMap(({ identifiers, weak }) => [...identifiers, ...weak])) {
      if (!found.erased.has(visitors.get(named.key) ?? '')) continue;
      memory.forgetIdentifier(workspace.id, named.kind.kind, named.value);
      wasRemembered ||= !unknown.has(named.key);
    }
    if (wasRemembered) return recognise(dependencies, workspace, events, trustFresh);
  }
  return { visitors, clicks, ...found };
}

async function findHints(
  { database, memory, visitors: store }: RecogniseDependencies,
  workspace: Workspace,
  events: readonly RecognisedEvent[],
  visitors: ReadonlyMap<string, string>,
  clicks: ReadonlyMap<string, ClickTouch>,
): Promise<Pick<Recognition, 'hints' | 'rootVersions' | 'erased'>> {
  const erased = new Map<string, number>();
  const hints = new Map<string, PersonHint>();
  const rootVersions = new Map<string, number>();
  const exact = new Set<string>();
  let missing = new Set<string>();
  const want = (visitorId: string, exactly: boolean): void => {
    if (exactly) exact.add(visitorId);
    if (hints.has(visitorId) && !exactly) return;
    const hint = exactly ? undefined : memory.hintOf(visitorId);
    if (hint === undefined) missing.add(visitorId);
    else hints.set(visitorId, hint);
  };
  for (const { event, identifiers } of events) {
    const click =
      event.arrival?.clickId === undefined ? undefined : clicks.get(event.arrival.clickId);
    // Where people may be joined, roots and their versions are read, not remembered.
    const named =
      identifiers.length + (event.visitorId === undefined ? 0 : 1) + (click === undefined ? 0 : 1);
    const joins = named > 1 || event.sameAsVisitorId !== undefined;
    if (event.visitorId !== undefined) want(event.visitorId, joins);
    if (event.sameAsVisitorId !== undefined) want(event.sameAsVisitorId, true);
    if (click !== undefined) want(click.visitor_id, joins);
    for (const identifier of identifiers) {
      const visitorId = visitors.get(identifier.key);
      if (visitorId !== undefined) want(visitorId, joins);
    }
  }
  // The second round reads the current users of shared devices.
  for (let round = 0; round < 2; round += 1) {
    for (const [id, hint] of hints)
      if (hint.current !== id) want(hint.current, round === 1 && exact.has(id));
    if (missing.size === 0) break;
    const wanted = [...missing];
    missing = new Set();
    for (const row of await database.run<FoundVisitor>(store.find, [workspace.id, wanted])) {
      if (row.erased_at !== null) {
        erased.set(row.id, row.erased_at.getTime());
        continue;
      }
      const hint = { root: row.root_id, current: row.current_visitor_id ?? row.id };
      hints.set(row.id, hint);
      rootVersions.set(row.root_id, row.root_version);
      memory.rememberHint(row.id, hint);
    }
  }
  return { hints, rootVersions, erased };
}
