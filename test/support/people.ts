import { randomUUID } from 'node:crypto';

import type { Context } from '../../packages/engine/src/context.ts';
import { digestOf } from '../../packages/engine/src/ingest/event-key.ts';
import type {
  EventType,
  Identifier,
  IncomingEvent,
  IngestOutcome,
} from '../../packages/engine/src/ingest/event.ts';
import { hashIdentifier } from '../../packages/engine/src/visitors/hash-identifier.ts';
import { orThrow } from '../../packages/engine/src/kernel/result.ts';
import { createLibrary } from '../../packages/engine/src/library.ts';
import type { Library } from '../../packages/engine/src/library.ts';
import { normaliseIdentifier } from '../../packages/engine/src/visitors/normalise-identifier.ts';
import { createWorkspace } from '../../packages/engine/src/workspaces/create-workspace.ts';
import type {
  Workspace,
  WorkspaceSettings,
} from '../../packages/engine/src/workspaces/workspace.ts';

/** When the events of the tests happen: minutes after this. */
export const noon = Date.UTC(2026, 10, 20, 12);

/** One event of a test: who it names, as `user:ann mail:ann device:phone`, and when. */
export interface Sighting {
  readonly who: string;
  /** Minutes after noon. */
  readonly at: number;
  readonly id?: string;
  readonly type?: EventType;
  readonly more?: Partial<IncomingEvent>;
}

export type Accepted = Exclude<IngestOutcome, { outcome: 'rejected' }>;

export interface People {
  readonly hw: Library;
  readonly workspace: Workspace;
  incoming(sighting: Sighting): IncomingEvent;
  /** One event by itself, which has to be accepted. */
  see(who: string, at?: number, more?: Partial<Sighting>): Promise<Accepted>;
  /** Events that share one batch. */
  seeTogether(sightings: readonly Sighting[]): Promise<IngestOutcome[]>;
  /** The identifiers that were seen, by person: sorted, each person one text. */
  partition(names: Iterable<string>): Promise<string[]>;
  /** The visitor that an identifier is bound to, and its person. */
  find(name: string): Promise<{ visitorId: string; rootId: string } | undefined>;
}

const kinds: Readonly<Record<string, string>> = {
  user: 'external_id',
  mail: 'email',
  device: 'visitor',
  app: 'anonymous_id',
  print: 'fingerprint',
};

function identifiersFrom(who: string): Identifier[] {
  return who
    .split(' ')
    .filter((name) => name !== '')
    .map((name) => {
      const [kind, value] = name.split(':') as [string, string];
      return { kind: kinds[kind] ?? kind, value: kind === 'mail' ? `${value}@people.test` : value };
    });
}

/** People of the first workspace, or of another; `hw` then means that one where a call names none. */
export async function openPeople(context: Context, given?: Workspace): Promise<People> {
  const workspace = given ?? (await context.workspaces.first());
  let clock = 0;

  function incoming({ who, at, id, type = 'identify', more }: Sighting): IncomingEvent {
    const eventId = id ?? context.createId(context.clock.now());
    const identifiers = identifiersFrom(who);
    return {
      workspaceId: workspace.id,
      id: eventId,
      key: eventId,
      digest: digestOf({ who, at, type }),
      type,
      occurredAt: noon + at * 60_000,
      origin: 'library',
      identifiers,
      createsVisitor: true,
      ...more,
    };
  }

  async function see(who: string, at?: number, more: Partial<Sighting> = {}): Promise<Accepted> {
    clock = at ?? clock + 1;
    const outcome = await context.ingest.submit(incoming({ who, at: clock, ...more }));
    if (outcome.outcome === 'rejected') throw new Error(`${who} was rejected: ${outcome.code}`);
    return outcome;
  }

  async function find(name: string): Promise<{ visitorId: string; rootId: string } | undefined> {
    const [identifier] = identifiersFrom(name);
    const value = normaliseIdentifier(identifier!, workspace.settings);
    if (value === undefined) return undefined;
    const [row] = await context.database.run<{ visitor_id: string; root_id: string }>(
      {
        name: 'test_find_identifier',
        text: `select i.visitor_id, v.root_id from headwater.identity i
join headwater.visitor v on v.workspace_id = i.workspace_id and v.id = i.visitor_id
where i.workspace_id = $1 and i.kind = $2 and i.value_hash = $3`,
      },
      [workspace.id, identifier!.kind, hashIdentifier(workspace, identifier!.kind, value)],
    );
    return row === undefined ? undefined : { visitorId: row.visitor_id, rootId: row.root_id };
  }

  return {
    hw: createLibrary({
      ...context,
      workspaces: { ...context.workspaces, first: () => Promise.resolve(workspace) },
    }),
    workspace,
    incoming,
    see,
    seeTogether: (sightings) =>
      Promise.all(sightings.map((sighting) => context.ingest.submit(incoming(sighting)))),
    find,
    async partition(names) {
      const people = new Map<string, string[]>();
      for (const name of new Set(names)) {
        const found = await find(name);
        if (found === undefined) continue;
        people.set(found.rootId, [...(people.get(found.rootId) ?? []), name]);
      }
      return [...people.values()].map((person) => person.sort().join(' ')).sort();
    },
  };
}

/** The same in a workspace of its own, so that tests share one database. */
export async function openNewPeople(
  context: Context,
  settings: WorkspaceSettings = {},
): Promise<People> {
  const name = `People ${randomUUID()}`;
  const { id } = orThrow(await createWorkspace(context, { name, settings }));
  return openPeople(context, await context.workspaces.get(id));
}
