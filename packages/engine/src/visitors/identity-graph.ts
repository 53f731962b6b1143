import { membersMax } from './identifier-kind.ts';
import type { IdentifierKind } from './identifier-kind.ts';

/** What the graph has to know of one visitor: a node, and the person (root) it belongs to. */
export interface GraphNode {
  readonly id: string;
  root: string;
  /** Milliseconds. */
  readonly firstSeenAt: number;
}

/** An identifier as a fact about the node that it is bound to. */
export interface GraphIdentifier {
  readonly visitorId: string;
  readonly kind: IdentifierKind;
}

/** One visitor that an event names, with the strength of what named it. */
export interface NamedNode {
  readonly visitorId: string;
  /** Who it stands for now, where it is a device that somebody else uses. @default the visitor itself */
  readonly standsFor?: string;
  readonly kind: IdentifierKind;
  /** Bound for the first time by this event: it never wins over a node that was there before. */
  readonly isNew: boolean;
}

export interface Merge {
  readonly winner: string;
  readonly loser: string;
  /** Every node whose pointer moves. */
  readonly members: readonly string[];
}

export type RefusalReason =
  | 'different_external_id'
  | 'limit_reached'
  | 'shared_device'
  | 'kept_apart';

export interface JoinResult {
  /** The node that the event is stamped with. */
  readonly stamped: string;
  readonly merges: readonly Merge[];
  readonly refusals: ReadonlyArray<{
    readonly node: NamedNode;
    readonly reason: RefusalReason;
    readonly with: string;
  }>;
}

/**
 * The people of one workspace, or the part of them that a batch touches, in memory: nodes, their roots, and what may
 * not be joined. The same rules serve ingest and `rebuild`. Reference: identity-and-attribution §1.6.
 */
export interface IdentityGraph {
  addNode(node: GraphNode): void;
  addIdentifier(identifier: GraphIdentifier): void;
  keepApart(left: string, right: string): void;
  /** Says whether a device has lost its power to join people. */
  markShared(deviceVisitorId: string, isShared: boolean): void;
  rootOf(visitorId: string): string;
  members(root: string): readonly string[];
  has(visitorId: string): boolean;
  /**
   * Joins the nodes that one event names, as far as the rules allow. They come strongest first, and those of one
   * strength in an order that is the same wherever the event is seen (never by their ids), so that what is refused
   * does not depend on who was there first.
   */
  join(named: readonly NamedNode[], options?: JoinOptions): JoinResult;
}

export interface JoinOptions {
  /** Somebody says that they are one: what an undo had separated may come together again. */
  readonly reunites?: boolean;
}

interface Person {
  readonly members: string[];
  firstSeenAt: number;
  readonly kinds: Map<string, number>;
  readonly apart: Set<string>;
}

export function createIdentityGraph(): IdentityGraph {
  const nodes = new Map<string, GraphNode>();
  const people = new Map<string, Person>();
  const shared = new Set<string>();
  const limits = new Map<string, IdentifierKind>();

  const nodeOf = (id: string): GraphNode => {
    const node = nodes.get(id);
    if (node === undefined) throw new Error(`The identity graph does not hold the visitor ${id}.`);
    return node;
  };
  const personOf = (root: string): Person => {
    let person = people.get(root);
    if (person === undefined) {
      person = { members: [], firstSeenAt: Infinity, kinds: new Map(), apart: new Set() };
      people.set(root, person);
    }
    return person;
  };

  function refusal(into: Person, from: Person, reunites: boolean): RefusalReason | undefined {
    for (const kind of limits.values()) {
      const added = from.kinds.get(kind.kind) ?? 0;
      if (
        kind.strength === 'authoritative' &&
        added > 0 &&
        (into.kinds.get(kind.kind) ?? 0) + added > kind.limit
      ) {
        return 'different_external_id';
      }
    }
    if (!reunites)
      for (const member of from.members) if (into.apart.has(member)) return 'kept_apart';
    if (into.members.length + from.members.length > membersMax) return 'limit_reached';
    for (const kind of limits.values()) {
      const added = from.kinds.get(kind.kind) ?? 0;
      if (added > 0 && (into.kinds.get(kind.kind) ?? 0) + added > kind.limit)
        return 'limit_reached';
    }
    return undefined;
  }

  function refusalOf(
    root: string,
    otherRoot: string,
    other: NamedNode,
    reunites: boolean,
  ): RefusalReason | undefined {
    const reason = refusal(personOf(root), personOf(otherRoot), reunites);
    // Somebody else's proof that they use the device says more than that it is shared, and is counted.
    if (reason === 'different_external_id') return reason;
    return other.kind.strength === 'device' && shared.has(other.visitorId)
      ? 'shared_device'
      : reason;
  }

  function hasOwnId(person: Person): boolean {
    for (const kind of person.kinds.keys())
      if (limits.get(kind)?.strength === 'authoritative') return true;
    return false;
  }

  function merge(winner: string, loser: string): Merge {
    const into = personOf(winner);
    const from = personOf(loser);
    for (const member of from.members) {
      nodeOf(member).root = winner;
      into.members.push(member);
    }
    into.firstSeenAt = Math.min(into.firstSeenAt, from.firstSeenAt);
    for (const [kind, count] of from.kinds)
      into.kinds.set(kind, (into.kinds.get(kind) ?? 0) + count);
    for (const id of from.apart) into.apart.add(id);
    people.delete(loser);
    return { winner, loser, members: from.members };
  }

  return {
    addNode(node) {
      if (nodes.has(node.id)) return;
      nodes.set(node.id, node);
      const person = personOf(node.root);
      person.members.push(node.id);
      person.firstSeenAt = Math.min(person.firstSeenAt, node.firstSeenAt);
    },
    addIdentifier({ visitorId, kind }) {
      const person = personOf(nodeOf(visitorId).root);
      person.kinds.set(kind.kind, (person.kinds.get(kind.kind) ?? 0) + 1);
      limits.set(kind.kind, kind);
    },
    keepApart(left, right) {
      if (nodes.has(left)) personOf(nodeOf(left).root).apart.add(right);
      if (nodes.has(right)) personOf(nodeOf(right).root).apart.add(left);
    },
    markShared(deviceVisitorId, isShared) {
      if (isShared) shared.add(deviceVisitorId);
      else shared.delete(deviceVisitorId);
    },
    rootOf: (id) => nodeOf(id).root,
    members: (root) => people.get(root)?.members ?? [],
    has: (id) => nodes.has(id),
    join(named, { reunites = false } = {}) {
      const [strongest, ...others] = named;
      if (strongest === undefined)
        throw new Error('An event that joins names at least one visitor.');
      const merges: Merge[] = [];
      const refusals: Array<{ node: NamedNode; reason: RefusalReason; with: string }> = [];
      // Nodes that this event made lose against every person that was there before it.
      const fresh = new Set(named.filter((node) => node.isNew).map((node) => node.visitorId));

      for (const other of others) {
        const root = nodeOf(standIn(strongest)).root;
        const otherRoot = nodeOf(standIn(other)).root;
        if (root === otherRoot) continue;
        const reason = refusalOf(root, otherRoot, other, reunites);
        if (reason !== undefined) {
          refusals.push({ node: other, reason, with: root });
          continue;
        }
        const [winner, loser] = winnerOf(root, otherRoot);
        merges.push(merge(winner, loser));
      }
      return { stamped: standIn(strongest), merges, refusals };

      function winnerOf(left: string, right: string): [winner: string, loser: string] {
        const a = rank(left);
        const b = rank(right);
        for (let index = 0; index < a.length; index += 1) {
          if (a[index]! < b[index]!) return [left, right];
          if (a[index]! > b[index]!) return [right, left];
        }
        return left < right ? [left, right] : [right, left];
      }

      /** Smaller wins: was there before, has the host's own id, seen first. */
      function rank(root: string): readonly number[] {
        const person = personOf(root);
        const isFresh = person.members.every((member) => fresh.has(member));
        return [isFresh ? 1 : 0, hasOwnId(person) ? 0 : 1, person.firstSeenAt];
      }
    },
  };
}

function standIn(node: NamedNode): string {
  return node.standsFor ?? node.visitorId;
}
