import { describe, expect, it } from 'vitest';

import type { WorkspaceSettings } from '../workspaces/workspace.ts';
import { createDeviceUsers, sharedDeviceWindow } from './device-users.ts';
import { identifierKind, membersMax } from './identifier-kind.ts';
import { createIdentityGraph } from './identity-graph.ts';
import type { IdentityGraph, NamedNode } from './identity-graph.ts';

/** A graph of visitors `kind:name`, each with the identifier that its name says, first seen in the order given. */
function graphOf(names: string, settings: WorkspaceSettings = {}): IdentityGraph {
  const graph = createIdentityGraph();
  names.split(' ').forEach((name, index) => add(graph, name, index, settings));
  return graph;
}

function add(
  graph: IdentityGraph,
  name: string,
  firstSeenAt: number,
  settings: WorkspaceSettings = {},
): void {
  graph.addNode({ id: name, root: name, firstSeenAt });
  graph.addIdentifier({ visitorId: name, kind: identifierKind(name.split(':')[0]!, settings) });
}

/** `+name`: bound by this very event. */
function named(names: string, settings: WorkspaceSettings = {}): NamedNode[] {
  return names.split(' ').map((name) => {
    const id = name.replace('+', '');
    return {
      visitorId: id,
      kind: identifierKind(id.split(':')[0]!, settings),
      isNew: name.startsWith('+'),
    };
  });
}

describe('createIdentityGraph', () => {
  it('joins what one event names, and stamps the event with the strongest', () => {
    const graph = graphOf('visitor:phone external_id:ann');

    const result = graph.join(named('external_id:ann visitor:phone'));

    expect(result.stamped).toBe('external_id:ann');
    expect(result.merges).toHaveLength(1);
    expect(graph.rootOf('visitor:phone')).toBe(graph.rootOf('external_id:ann'));
  });

  it('does nothing where they are one person already', () => {
    const graph = graphOf('visitor:phone email:ann');
    graph.join(named('email:ann visitor:phone'));

    expect(graph.join(named('email:ann visitor:phone'))).toEqual({
      stamped: 'email:ann',
      merges: [],
      refusals: [],
    });
    expect(graph.join(named('email:ann email:ann'))).toMatchObject({ merges: [], refusals: [] });
  });

  it('moves every visitor of the loser, and names exactly those', () => {
    const graph = graphOf('email:a email:b phone:1 phone:2');
    graph.join(named('email:a email:b'));
    graph.join(named('phone:1 phone:2'));

    const result = graph.join(named('email:b phone:2'));

    expect(result.merges).toEqual([
      { winner: 'email:a', loser: 'phone:1', members: ['phone:1', 'phone:2'] },
    ]);
    expect(graph.members('email:a')).toEqual(['email:a', 'email:b', 'phone:1', 'phone:2']);
    expect(graph.members('phone:1')).toEqual([]);
  });

  it('keeps as root who was there before the event, then who has an external id, then who was seen first', () => {
    expect(graphOf('visitor:1 email:2').join(named('email:2 visitor:1')).merges[0]!.winner).toBe(
      'visitor:1',
    );
    expect(
      graphOf('visitor:1 external_id:2').join(named('external_id:2 visitor:1')).merges[0]!.winner,
    ).toBe('external_id:2');
    expect(
      graphOf('visitor:1 external_id:2').join(named('+external_id:2 visitor:1')).merges[0]!.winner,
    ).toBe('visitor:1');
  });

  it('decides a tie on time by the smaller id, whoever is named first', () => {
    for (const order of ['email:a phone:b', 'phone:b email:a']) {
      const graph = createIdentityGraph();
      for (const name of ['email:a', 'phone:b']) add(graph, name, 7);
      expect(graph.join(named(order)).merges[0]!.winner).toBe('email:a');
    }
  });

  it('refuses to join two external ids, whatever they meet through', () => {
    const graph = graphOf('external_id:ann external_id:bob email:ann email:bob visitor:shop');
    graph.join(named('external_id:ann email:ann visitor:shop'));
    graph.join(named('external_id:bob email:bob'));

    for (const meeting of [
      'external_id:bob external_id:ann',
      'external_id:bob visitor:shop',
      'email:bob email:ann',
      'email:bob visitor:shop',
    ]) {
      const result = graph.join(named(meeting));
      expect(result.merges).toEqual([]);
      expect(result.refusals).toMatchObject([{ reason: 'different_external_id' }]);
    }
  });

  it('gives up the weakest of an event first, and goes on with the others', () => {
    const graph = graphOf('external_id:ann external_id:bob email:new visitor:shop');
    graph.join(named('external_id:ann visitor:shop'));

    const result = graph.join(named('external_id:bob +email:new visitor:shop'));

    expect(result.stamped).toBe('external_id:bob');
    expect(result.refusals.map((refused) => refused.node.visitorId)).toEqual(['visitor:shop']);
    expect(graph.rootOf('email:new')).toBe(graph.rootOf('external_id:bob'));
  });

  it('takes nodes in the order in which they are named, not in that of their ids', () => {
    const partitions = ['z', 'a'].map((second) => {
      const graph = graphOf(`external_id:1 external_id:2 email:m email:${second} email:new`);
      graph.join(named('external_id:1 email:m'));
      graph.join(named(`external_id:2 email:${second}`));
      graph.join(named(`email:m email:${second} +email:new`));
      return graph.rootOf('email:new') === graph.rootOf('external_id:1');
    });
    expect(partitions).toEqual([true, true]);
  });

  it('holds the limit of a kind, with the workspace deciding how many', () => {
    const settings: WorkspaceSettings = { identifierKinds: { email: { limit: 2 } } };
    const graph = graphOf('visitor:tv email:1 email:2 email:3', settings);

    expect(graph.join(named('email:1 visitor:tv', settings)).refusals).toEqual([]);
    expect(graph.join(named('email:2 visitor:tv', settings)).refusals).toEqual([]);
    expect(graph.join(named('email:3 visitor:tv', settings)).refusals).toMatchObject([
      { reason: 'limit_reached', node: { visitorId: 'visitor:tv' } },
    ]);
    expect(graph.rootOf('email:3')).toBe('email:3');
  });

  it('lets nobody grow beyond the most visitors of one person', () => {
    const graph = createIdentityGraph();
    for (let index = 0; index < membersMax; index += 1)
      graph.addNode({ id: `n${index}`, root: 'n0', firstSeenAt: index });
    add(graph, 'email:late', membersMax);
    const kind = identifierKind('visitor', {});

    const result = graph.join([...named('email:late'), { visitorId: 'n7', kind, isNew: false }]);

    expect(result.refusals).toMatchObject([{ reason: 'limit_reached' }]);
  });

  it('keeps apart what an undo has separated, from both sides and after further joins', () => {
    const graph = graphOf('email:a email:b phone:1 phone:2');
    graph.keepApart('email:a', 'email:b');
    graph.join(named('email:a phone:1'));
    graph.join(named('email:b phone:2'));

    for (const meeting of [
      'email:a email:b',
      'email:b email:a',
      'phone:1 phone:2',
      'phone:2 phone:1',
    ]) {
      expect(graph.join(named(meeting)).refusals).toMatchObject([{ reason: 'kept_apart' }]);
    }
  });

  it('lets a shared device join nobody, and says first that two external ids differ', () => {
    const graph = graphOf('external_id:ann external_id:bob email:carol visitor:till');
    graph.join(named('external_id:ann visitor:till'));
    graph.markShared('visitor:till', true);

    expect(graph.join(named('email:carol visitor:till')).refusals).toMatchObject([
      { reason: 'shared_device' },
    ]);
    expect(graph.join(named('external_id:bob visitor:till')).refusals).toMatchObject([
      { reason: 'different_external_id' },
    ]);

    graph.markShared('visitor:till', false);
    expect(graph.join(named('email:carol visitor:till')).refusals).toEqual([]);
  });

  it('takes a device for the person who uses it now, and refuses the device itself', () => {
    const graph = graphOf('external_id:ann external_id:bob email:x visitor:till');
    graph.join(named('external_id:ann visitor:till'));
    const till: NamedNode = { ...named('visitor:till')[0]!, standsFor: 'external_id:bob' };

    expect(graph.join([till]).stamped).toBe('external_id:bob');
    expect(graph.join([...named('external_id:ann'), till]).refusals).toMatchObject([
      { reason: 'different_external_id', node: { visitorId: 'visitor:till' } },
    ]);
    graph.join([...named('email:x'), till]);
    expect(graph.rootOf('email:x')).toBe('external_id:bob');
  });

  it('names the visitor that it does not hold', () => {
    expect(() => createIdentityGraph().rootOf('email:nobody')).toThrow('email:nobody');
    expect(() => createIdentityGraph().join([])).toThrow('at least one visitor');
  });
});

describe('createDeviceUsers', () => {
  const self = (visitorId: string): string => visitorId;

  it('calls a device shared from its third person on', () => {
    const users = createDeviceUsers();
    users.add('till', 'bob', 1, 1);
    expect(users.isShared('till', 2, self)).toBe(false);
    users.add('till', 'carol', 2, 2);
    expect(users.isShared('till', 3, self)).toBe(true);
    expect(users.isShared('phone', 3, self)).toBe(false);
  });

  it('counts people, not logins: two in turns share nothing', () => {
    const users = createDeviceUsers();
    for (let time = 0; time < 20; time += 1)
      users.add('till', time % 2 === 0 ? 'bob' : 'ann', time, time);
    expect(users.isShared('till', 20, (id) => (id === 'till' ? 'ann' : id))).toBe(false);
  });

  it('forgets people after 30 days, and does not know those to come', () => {
    const users = createDeviceUsers();
    users.add('till', 'bob', 10, 20);
    users.add('till', 'carol', 15, 15);
    expect(users.isShared('till', 12, self)).toBe(false);
    expect(users.isShared('till', 15, self)).toBe(true);
    expect(users.isShared('till', 14 + sharedDeviceWindow, self)).toBe(true);
    expect(users.isShared('till', 15 + sharedDeviceWindow, self)).toBe(false);
  });
});
