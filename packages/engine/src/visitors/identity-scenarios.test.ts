import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { assertSound, findBroken } from '../../../../test/support/invariants.ts';
import { noon, openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import { orThrow } from '../kernel/result.ts';

const day = 24 * 60;

let context: TestContext;
let people: People;
beforeAll(async () => {
  context = await openTestContext('pglite');
}, 60_000);
afterAll(() => context[Symbol.asyncDispose]());
beforeEach(async () => {
  people = await openNewPeople(context);
});
afterEach(async () => {
  // The two with ten thousand visitors check themselves.
  if (!expect.getState().currentTestName!.includes('ten thousand'))
    await assertSound(context, people.workspace);
});

async function merges(): Promise<
  ReadonlyArray<{ id: string; winner_id: string; loser_id: string; members: string[] }>
> {
  return context.database.run(
    {
      name: '',
      text: `select m.id, m.winner_id, m.loser_id, array(select mm.visitor_id::text from headwater.merge_member mm
where mm.workspace_id = m.workspace_id and mm.merge_id = m.id order by 1) as members
from headwater.merge m where m.workspace_id = $1 order by m.id`,
    },
    [people.workspace.id],
  );
}

async function visitorOf(name: string): Promise<string> {
  return (await people.find(name))!.visitorId;
}

describe('people are joined', () => {
  it('simple: an anonymous device becomes the person who logs in', async () => {
    const first = await people.see('device:phone');
    const login = await people.see('user:ann device:phone');
    const later = await people.see('device:phone');

    expect(first.identity).toEqual({ outcome: 'created' });
    expect(login.identity).toEqual({ outcome: 'linked' });
    expect(later.identity).toEqual({ outcome: 'known' });
    expect([first, login, later].map((outcome) => outcome.personId)).toEqual(
      Array(3).fill(first.personId),
    );
  });

  it('chain across batches: a-b, b-c and c-d are one person', async () => {
    for (const who of ['mail:a device:b', 'device:b app:c', 'app:c phone:4930123'])
      await people.see(who);
    expect(await people.partition(['mail:a', 'device:b', 'app:c', 'phone:4930123'])).toHaveLength(
      1,
    );
  });

  it('fan-in: five devices that one person logs in on are that person', async () => {
    const devices = ['device:1', 'device:2', 'device:3', 'device:4', 'device:5'];
    for (const device of devices) await people.see(device);
    for (const device of devices) await people.see(`user:ann ${device}`);
    expect(await people.partition(['user:ann', ...devices])).toHaveLength(1);
  });

  it('high fan-in: sixty devices in one batch are one person', async () => {
    const devices = Array.from({ length: 60 }, (_, index) => `device:${index}`);
    await people.seeTogether(devices.map((who, at) => ({ who, at })));
    await people.seeTogether(
      devices.map((device, at) => ({ who: `user:ann ${device}`, at: at + 100 })),
    );
    expect(await people.partition(['user:ann', ...devices])).toHaveLength(1);
  });

  it('fan-out through a merged child: what meets a visitor that was merged meets its person', async () => {
    await people.see('device:child');
    await people.see('user:ann device:child');
    await people.see('mail:ann device:child');
    await people.see('phone:4930123 device:child');
    expect(
      await people.partition(['user:ann', 'mail:ann', 'phone:4930123', 'device:child']),
    ).toHaveLength(1);
  });

  it('diamond: two ways between the same ends merge once each', async () => {
    for (const who of [
      'mail:top',
      'mail:top device:left',
      'mail:top device:right',
      'device:left app:end',
      'device:right app:end',
    ])
      await people.see(who);
    expect(
      await people.partition(['mail:top', 'device:left', 'device:right', 'app:end']),
    ).toHaveLength(1);
    expect(await merges()).toHaveLength(3);
  });

  it('disjoint groups: people who share nothing stay apart, in one batch as in many', async () => {
    await people.seeTogether([
      { who: 'mail:a device:1', at: 1 },
      { who: 'mail:b device:2', at: 1 },
      { who: 'mail:c device:3', at: 1 },
    ]);
    expect(
      await people.partition(['mail:a', 'mail:b', 'mail:c', 'device:1', 'device:2', 'device:3']),
    ).toEqual(['device:1 mail:a', 'device:2 mail:b', 'device:3 mail:c']);
  });

  it('long chain in one batch: a hundred links make one person', async () => {
    const events = Array.from({ length: 100 }, (_, at) => ({
      who: `device:${at} device:${at + 1}`,
      at,
    }));
    const outcomes = await people.seeTogether(events);
    expect(
      new Set(outcomes.map((outcome) => outcome.outcome !== 'rejected' && outcome.personId)),
    ).toHaveLength(1);
    expect(await people.partition(events.flatMap(({ who }) => who.split(' ')))).toHaveLength(1);
  });

  it('alternating groups: turns within one batch do not mix two people', async () => {
    const events = Array.from({ length: 20 }, (_, at) => ({
      who: at % 2 === 0 ? `mail:even device:e${at}` : `mail:odd device:o${at}`,
      at,
    }));
    await people.seeTogether(events);
    expect(await people.partition(events.flatMap(({ who }) => who.split(' ')))).toHaveLength(2);
  });

  it('merge-only batch: known people are joined by events that bring nothing new', async () => {
    for (const who of ['mail:a', 'mail:b', 'device:1', 'device:2']) await people.see(who);
    const outcomes = await people.seeTogether([
      { who: 'mail:a device:1', at: 50 },
      { who: 'mail:b device:2', at: 51 },
      { who: 'device:1 device:2', at: 52 },
    ]);
    expect(
      outcomes.map((outcome) => outcome.outcome !== 'rejected' && outcome.identity.outcome),
    ).toEqual(['merged', 'merged', 'merged']);
    expect(await people.partition(['mail:a', 'mail:b', 'device:1', 'device:2'])).toHaveLength(1);
  });

  it('remap through a child, deep single batch: groups of groups are joined by their youngest members', async () => {
    await people.seeTogether([
      { who: 'mail:a device:1', at: 1 },
      { who: 'mail:b device:2', at: 2 },
      { who: 'mail:c device:3', at: 3 },
      { who: 'mail:d device:4', at: 4 },
      { who: 'device:1 device:2', at: 5 },
      { who: 'device:3 device:4', at: 6 },
      { who: 'device:2 device:4', at: 7 },
    ]);
    expect(await people.partition(['mail:a', 'mail:b', 'mail:c', 'mail:d'])).toHaveLength(1);
  });

  it('several id kinds on several apps: own kinds join as email and phone do', async () => {
    await people.see('device:web mail:ann');
    await people.see('app:ios crm:4711');
    await people.see('crm:4711 mail:ann');
    expect(await people.partition(['device:web', 'mail:ann', 'app:ios', 'crm:4711'])).toHaveLength(
      1,
    );
  });

  it('bridge creates the visitor: one event with three new ids makes one person', async () => {
    const outcome = await people.see('user:ann mail:ann device:1');
    expect(outcome.identity).toEqual({ outcome: 'created' });
    expect(await people.partition(['user:ann', 'mail:ann', 'device:1'])).toHaveLength(1);
  });

  it('three-way bridge: one event joins three known people and logs two merges', async () => {
    for (const who of ['mail:a', 'phone:4930123', 'device:1']) await people.see(who);
    const outcome = await people.see('mail:a phone:4930123 device:1');
    expect(outcome.identity).toEqual({ outcome: 'merged' });
    expect(await merges()).toHaveLength(2);
  });

  it('self bridge, alias to itself: a visitor that is named twice is not merged', async () => {
    const { visitorId } = await people.see('mail:ann');
    const twice = await people.see('mail:ann mail:ann');
    const byId = await people.hw.visitors.identify({
      visitorId: visitorId!,
      email: 'ann@people.test',
    });
    const alias = await people.hw.visitors.merge({
      visitorId: visitorId!,
      otherVisitorId: visitorId!,
    });

    expect(twice.identity).toEqual({ outcome: 'known' });
    expect(byId).toMatchObject({ ok: true, value: { identity: { outcome: 'known' } } });
    expect(alias).toMatchObject({ ok: true, value: { identity: { outcome: 'known' } } });
    expect(await merges()).toEqual([]);
    expect((await people.see('crm:new crm:new')).identity).toEqual({ outcome: 'created' });
  });

  it('idle stability: what is known is neither merged nor bound again', async () => {
    for (let time = 0; time < 5; time += 1) await people.see('user:ann device:1', time * day);
    expect(await merges()).toHaveLength(1);
  });

  it('late event, late merge: an event of last week joins, and the person keeps its id', async () => {
    const today = await people.see('user:ann device:1', 0);
    const late = await people.see('device:1 device:0', -7 * day);

    expect(late.personId).toBe(today.personId);
    const ann = await people.hw.visitors.getByExternalId('ann');
    expect(ann).toMatchObject({
      id: today.personId,
      firstSeenAt: new Date(noon - 7 * day * 60_000),
    });
  });

  it('re-observed old cookie, expiry and reappearance: a device that was away for years is still who it was', async () => {
    await people.see('user:ann device:1', -800 * day);
    const again = await people.see('device:1', 0);
    expect(again.personId).toBe((await people.find('user:ann'))!.rootId);
  });

  it('root absorbed by an older root: everything that pointed at it points at the new root', async () => {
    await people.see('device:old', 0);
    await people.see('device:young', 10);
    await people.see('mail:ann device:young', 11);
    await people.see('phone:4930123 device:young', 12);
    const joined = await people.see('mail:ann device:old', 20);
    expect(joined.personId).toBe(await visitorOf('device:old'));
    expect(
      await people.partition(['device:old', 'device:young', 'mail:ann', 'phone:4930123']),
    ).toHaveLength(1);
  });

  it('reverse chain: the root flips each time an older visitor joins', async () => {
    for (const [index, who] of ['device:1', 'device:2', 'device:3', 'device:4'].entries())
      await people.see(who, index);
    for (const who of ['device:3 device:4', 'device:2 device:3', 'device:1 device:2'])
      await people.see(who, 10);
    expect((await people.find('device:4'))!.rootId).toBe(await visitorOf('device:1'));
    expect((await merges()).map((merge) => merge.members.length)).toEqual([1, 2, 3]);
  });

  it('tie on time: events of one moment are taken in the order of their ids, whatever order they come in', async () => {
    const ids = [1, 2].map((number) => `0198a2d4-0000-7000-8000-00000000000${number}`);
    await people.see('device:till', -10);
    await people.seeTogether([
      { who: 'user:bob device:till', at: 0, id: ids[1]! },
      { who: 'user:ann device:till', at: 0, id: ids[0]! },
    ]);
    expect(await people.partition(['user:ann', 'user:bob', 'device:till'])).toEqual([
      'device:till user:ann',
      'user:bob',
    ]);
  });

  it('merged, then both sides get the same external id: nothing is refused', async () => {
    await people.see('device:1');
    await people.see('device:2');
    await people.see('device:1 device:2');
    expect((await people.see('user:ann device:1')).identity).toEqual({ outcome: 'linked' });
    expect((await people.see('user:ann device:2')).identity).toEqual({ outcome: 'known' });
  });

  it('keeps what both sides had: identifiers, status, name, first seen', async () => {
    await people.see('device:1 mail:ann', 0);
    await people.hw.visitors.identify({
      externalId: 'ann',
      name: 'Ann',
      anonymousId: '2',
      occurredAt: new Date(noon + 60_000),
    });
    const merged = await people.see('mail:ann user:ann', 5);

    expect(await people.hw.visitors.get(merged.personId!)).toMatchObject({
      externalId: 'ann',
      email: 'ann@people.test',
      name: 'Ann',
      status: 'identified',
      firstSeenAt: new Date(noon),
      mergedIds: expect.arrayContaining([expect.any(String)]) as string[],
    });
    expect(await people.partition(['device:1', 'device:2', 'mail:ann', 'user:ann'])).toHaveLength(
      1,
    );
  });

  it('finds the person by the id of any visitor that was merged into it', async () => {
    const first = await people.see('device:1');
    const second = await people.see('device:2');
    await people.see('user:ann device:1');
    await people.see('user:ann device:2');
    const ids = [first.visitorId!, second.visitorId!].map((id) => people.hw.visitors.get(id));
    expect(new Set((await Promise.all(ids)).map((visitor) => visitor!.id))).toHaveLength(1);
    expect(orThrow(await people.hw.visitors.timeline(second.visitorId!)).events).toHaveLength(4);
    expect(orThrow(await people.hw.visitors.list()).visitors).toHaveLength(1);
  });

  it('names the evidence: which event joined which visitors', async () => {
    await people.see('device:1');
    const login = await people.see('user:ann device:1');
    const evidence = orThrow(await people.hw.visitors.evidence(login.personId!));
    expect(evidence.identifiers.map(({ kind, value }) => [kind, value])).toEqual([
      ['visitor', undefined],
      ['external_id', 'ann'],
    ]);
    expect(evidence.merges).toMatchObject([{ eventId: login.eventId, undoneAt: undefined }]);
  });
});

describe('people are kept apart', () => {
  it('unique-id conflict: two external ids on one device stay two people, and the device changes hands', async () => {
    const ann = await people.see('user:ann device:1');
    const bob = await people.see('user:bob device:1');
    const later = await people.see('device:1');

    expect(bob.identity).toEqual({
      outcome: 'refused',
      reason: 'different_external_id',
      demoted: ['visitor'],
      rotate: true,
    });
    expect(bob.personId).not.toBe(ann.personId);
    expect(later.personId).toBe(bob.personId);
    expect(await people.partition(['user:ann', 'user:bob', 'device:1'])).toEqual([
      'device:1 user:ann',
      'user:bob',
    ]);
  });

  it('a person was seen when they were, not when somebody else was on their device', async () => {
    await people.see('user:ann device:phone', 100);
    await people.see('user:bob device:phone', 0);
    await people.see('user:bob device:phone', 200);

    const { rootId } = (await people.find('user:ann'))!;
    expect(await people.hw.visitors.get(rootId)).toMatchObject({
      firstSeenAt: new Date(noon + 100 * 60_000),
      lastSeenAt: new Date(noon + 100 * 60_000),
    });
  });

  it('tells both sides of a refusal why', async () => {
    await people.see('user:ann device:1');
    const bob = await people.see('user:bob device:1');
    for (const id of ['ann', 'bob']) {
      const visitor = await people.hw.visitors.getByExternalId(id);
      const evidence = orThrow(await people.hw.visitors.evidence(visitor!.id));
      expect(evidence.refusals).toMatchObject([
        { reason: 'different_external_id', eventId: bob.eventId },
      ]);
    }
  });

  it('keeps everything else of an event whose device was refused', async () => {
    await people.see('user:ann device:1');
    await people.see('user:bob mail:bob device:1');
    expect(await people.partition(['user:ann', 'user:bob', 'mail:bob', 'device:1'])).toEqual([
      'device:1 user:ann',
      'mail:bob user:bob',
    ]);
  });

  it('shared identifier held by two conflicting people: the email stays with the first', async () => {
    await people.see('user:ann mail:family');
    const bob = await people.see('user:bob mail:family');
    expect(bob.identity).toEqual({
      outcome: 'refused',
      reason: 'different_external_id',
      demoted: ['email'],
    });
    expect(await people.partition(['user:ann', 'user:bob', 'mail:family'])).toEqual([
      'mail:family user:ann',
      'user:bob',
    ]);
  });

  it('cross-group merge through children: two customers are not joined by what their merged children share', async () => {
    await people.see('user:ann device:1');
    await people.see('user:bob device:2');
    await people.see('device:1 app:1');
    const bridge = await people.see('device:2 app:1');
    expect(bridge.identity).toMatchObject({ outcome: 'refused', reason: 'different_external_id' });
    expect(await people.partition(['user:ann', 'user:bob'])).toHaveLength(2);
  });

  it('merged, then both sides get external ids: the second one is refused', async () => {
    await people.see('device:1 device:2');
    await people.see('user:ann device:1');
    const bob = await people.see('user:bob device:2');
    expect(bob.identity).toMatchObject({ outcome: 'refused', rotate: true });
  });

  it('logging in alternately on a shared device: each visit belongs to whoever logged in last', async () => {
    await people.see('user:ann device:till');
    for (const user of ['bob', 'ann', 'bob', 'ann']) {
      const login = await people.see(`user:${user} device:till`);
      const browsing = await people.see('device:till');
      expect(login.identity).toMatchObject({ outcome: 'refused', rotate: true });
      expect(browsing.personId).toBe((await people.find(`user:${user}`))!.rootId);
      expect(browsing.identity).toEqual({ outcome: 'known' });
    }
  });

  it('a rebuild asks whose device it was at that time, not whose it is now', async () => {
    await people.see('user:ann device:till', 10);
    await people.see('user:bob device:till', 20);
    await people.see('mail:x device:till', 15);
    expect(await people.partition(['user:ann', 'user:bob', 'mail:x'])).toContain('mail:x user:bob');

    await people.hw.visitors.rebuild();
    expect(await people.partition(['user:ann', 'user:bob', 'mail:x'])).toEqual([
      'mail:x user:ann',
      'user:bob',
    ]);
  });

  it('two in turns do not make a device shared: a new email there joins the one who uses it', async () => {
    for (const user of ['ann', 'bob', 'ann', 'bob', 'ann', 'bob'])
      await people.see(`user:${user} device:till`);
    await people.see('mail:bob device:till');
    expect(await people.partition(['user:ann', 'user:bob', 'mail:bob'])).toEqual([
      'mail:bob user:bob',
      'user:ann',
    ]);
  });

  it('a device that three people have used joins nobody any more, in one batch as one by one', async () => {
    for (const together of [false, true]) {
      const device = `device:till-${together}`;
      const events = ['ann', 'bob', 'cid'].map((user, at) => ({
        who: `user:${user}-${together} ${device}`,
        at,
      }));
      const dan = { who: `mail:dan-${together} ${device}`, at: 10 };
      let last;
      if (together) last = (await people.seeTogether([...events, dan])).at(-1);
      else {
        for (const { who, at } of events) await people.see(who, at);
        last = await people.see(dan.who, dan.at);
      }
      expect(last).toMatchObject({
        identity: {
          outcome: 'refused',
          reason: 'shared_device',
          demoted: ['visitor'],
          rotate: true,
        },
      });
      expect(
        await people.partition([...events, dan].map(({ who }) => who.split(' ')[0]!)),
      ).toHaveLength(4);
    }
  });

  it('a shared device joins again when its users were away for 30 days', async () => {
    for (const [at, user] of ['ann', 'bob', 'cid'].entries())
      await people.see(`user:${user} device:till`, at);
    const refused = await people.see('mail:x device:till', 29 * day);
    expect(refused.identity).toMatchObject({ outcome: 'refused', reason: 'shared_device' });
    const joined = await people.see('mail:y device:till', 31 * day);
    expect(joined.identity).toEqual({ outcome: 'linked' });
  });

  it(
    'ten thousand external ids on one device are ten thousand people',
    { timeout: 60_000 },
    async () => {
      const events = Array.from({ length: 10_000 }, (_, at) => ({
        who: `user:u${at} device:kiosk`,
        at,
      }));
      for (let start = 0; start < events.length; start += 1_000)
        await people.seeTogether(events.slice(start, start + 1_000));
      const [row] = await context.database.run<{ people: number; largest: number }>(
        {
          name: '',
          text: `select count(*)::int as people, max(members)::int as largest from (
select count(*) as members from headwater.visitor where workspace_id = $1 group by root_id) as p`,
        },
        [people.workspace.id],
      );
      expect(row).toEqual({ people: 10_000, largest: 2 });
    },
  );

  it(
    'merge limit: ten thousand emails on one device stop at the limit, and the answer names what had no say',
    { timeout: 60_000 },
    async () => {
      const events = Array.from({ length: 10_000 }, (_, at) => ({
        who: `mail:m${at} device:kiosk`,
        at,
      }));
      const outcomes = [];
      for (let start = 0; start < events.length; start += 1_000)
        outcomes.push(...(await people.seeTogether(events.slice(start, start + 1_000))));
      const identities = outcomes.map(
        (outcome) => outcome.outcome !== 'rejected' && outcome.identity,
      );
      expect(
        identities
          .slice(0, 5)
          .some((identity) => identity !== false && identity.outcome === 'refused'),
      ).toBe(false);
      const refused = { outcome: 'refused', reason: 'limit_reached', demoted: ['visitor'] };
      expect(identities.slice(5)).toEqual(Array.from({ length: 9_995 }, () => refused));
      expect(
        await people.partition(['device:kiosk', 'mail:m0', 'mail:m4', 'mail:m5', 'mail:m9999']),
      ).toEqual(['device:kiosk mail:m0 mail:m4', 'mail:m5', 'mail:m9999']);
    },
  );

  it('limit plus conflict, demotion loop: each weaker id gives way by itself, and the event is stamped once', async () => {
    for (let index = 0; index < 5; index += 1) await people.see(`mail:m${index} device:full`);
    await people.see('user:ann app:ann');
    const outcome = await people.see('user:bob mail:bob device:full app:ann');
    expect(outcome.identity).toMatchObject({
      outcome: 'refused',
      demoted: ['visitor', 'anonymous_id'],
    });
    expect(outcome.personId).toBe((await people.find('user:bob'))!.rootId);
    expect(await people.partition(['user:bob', 'mail:bob', 'device:full', 'user:ann'])).toEqual([
      'device:full',
      'mail:bob user:bob',
      'user:ann',
    ]);
  });

  it('a limit with a reason that is missing: a limit of the workspace is as good as ours', async () => {
    const strict = await openNewPeople(context, { identifierKinds: { phone: { limit: 1 } } });
    await strict.see('phone:4930111 device:1');
    expect((await strict.see('phone:4930222 device:1')).identity).toEqual({
      outcome: 'refused',
      reason: 'limit_reached',
      demoted: ['visitor'],
    });
  });

  it('two workspaces with the same value never meet', async () => {
    const other = await openNewPeople(context);
    const here = await people.see('user:ann mail:ann device:1');
    const there = await other.see('user:ann mail:ann device:1');

    expect(there.identity).toEqual({ outcome: 'created' });
    expect(there.personId).not.toBe(here.personId);
    expect(await other.hw.visitors.get(here.visitorId!)).toBeUndefined();
    const stranger = await context.ingest.submit(
      other.incoming({
        who: '',
        at: 9,
        more: { visitorId: here.visitorId!, createsVisitor: false },
      }),
    );
    expect(stranger).toMatchObject({ outcome: 'rejected', code: 'visitor_not_found' });
    expect(await people.see('device:1')).toMatchObject({ visitorId: await visitorOf('device:1') });
    expect(await findBroken(context, other.workspace)).toEqual([]);
  });
});

describe('weak identifiers', () => {
  it('recognise a visitor where there is nothing else', async () => {
    const first = await people.see('print:f1');
    expect(await people.see('print:f1')).toMatchObject({
      visitorId: first.visitorId,
      identity: { outcome: 'known' },
    });
  });

  it('join nobody: not two people, not each other, not a click with its landing', async () => {
    await people.see('print:f1');
    await people.see('user:ann print:f1');
    await people.see('user:bob print:f1');
    await people.see('print:f1 print:f2');
    const click = await people.see('device:link-host', 10, {
      type: 'link_click',
      more: {
        linkId: context.createId(noon),
        arrival: { source: { kind: 'campaign', confidence: 'certain', rule: 'own_link' } },
      },
    });
    await people.see('print:f1', 11, {
      type: 'pageview',
      more: {
        arrival: {
          source: { kind: 'direct', confidence: 'low', rule: 'direct' },
          clickId: click.eventId,
        },
      },
    });
    expect(
      await people.partition(['print:f1', 'print:f2', 'user:ann', 'user:bob', 'device:link-host']),
    ).toEqual(['device:link-host', 'print:f1', 'user:ann', 'user:bob']);
  });
});

describe('illegal ids', () => {
  const placeholders = [
    'anonymous',
    'GUEST',
    'distinct_id',
    'id',
    'not_authenticated',
    'email',
    'undefined',
    'true',
    'False',
    '[object Object]',
    'NaN',
    'None',
    'null',
    '"null"',
    "'undefined'",
    '0',
    '000-000',
    '-1',
    '   ',
    '',
    '(null)',
    'nil',
    'n/a',
    'unknown',
    'user',
    'test',
    'default',
    '--',
    '?',
    '.',
    '*',
    'user_id',
    'visitor',
    'device',
    'localhost',
    'invalid',
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '{{user.id}}',
    '${userId}',
    '%s',
    '<%= id %>',
    'ｎｕｌｌ',
    'x'.repeat(1_025),
  ];

  it.each(
    placeholders.map((value) => [value.length > 50 ? `${value.length} characters` : value, value]),
  )('identifies nobody by %s', async (_, value) => {
    for (const user of ['ann', 'bob']) {
      const outcome = await context.ingest.submit({
        ...people.incoming({ who: `device:${user}`, at: 1 }),
        identifiers: [
          { kind: 'crm', value },
          { kind: 'visitor', value: user },
        ],
      });
      expect(outcome).toMatchObject({
        outcome: 'accepted',
        identity: { outcome: 'created', demoted: ['crm'] },
      });
    }
    expect(await people.partition(['device:ann', 'device:bob'])).toHaveLength(2);
  });

  it.each(['test@test.com', 'noreply@shop.test', 'nobody', '@shop.test', 'ann@'])(
    'identifies nobody by the email %s',
    async (email) => {
      const outcome = await context.ingest.submit({
        ...people.incoming({ who: 'device:1', at: 1 }),
        identifiers: [
          { kind: 'email', value: email },
          { kind: 'visitor', value: '1' },
        ],
      });
      expect(outcome).toMatchObject({ identity: { outcome: 'created', demoted: ['email'] } });
    },
  );

  it('blocks what the workspace blocks', async () => {
    const strict = await openNewPeople(context, { blockedIdentifiers: ['abc123'] });
    expect((await strict.see('crm:abc123 device:1')).identity).toEqual({
      outcome: 'created',
      demoted: ['crm'],
    });
  });

  it('an event with nothing but illegal ids is a visitor of its own', async () => {
    const outcome = await context.ingest.submit({
      ...people.incoming({ who: '', at: 1, type: 'pageview' }),
      identifiers: [{ kind: 'external_id', value: 'null' }],
    });
    expect(outcome).toMatchObject({
      outcome: 'accepted',
      identity: { outcome: 'created', demoted: ['external_id'] },
    });
  });

  it('spelling does not make two people of one email, and external ids keep their case', async () => {
    await context.ingest.submit({
      ...people.incoming({ who: '', at: 1 }),
      identifiers: [{ kind: 'email', value: ' Ann@People.TEST ' }],
    });
    expect((await people.see('mail:ann')).identity).toEqual({ outcome: 'known' });
    await people.see('user:A1');
    expect((await people.see('user:a1')).identity).toEqual({ outcome: 'created' });
  });
});

describe('an undo', () => {
  it('separates exactly the visitors that the merge had moved', async () => {
    await people.see('mail:a device:1');
    await people.see('mail:b device:2');
    await people.see('device:1 device:2');
    const [, , merge] = await merges();

    expect(await people.hw.visitors.undoMerge(merge!.id)).toMatchObject({
      ok: true,
      value: { winner: { email: 'a@people.test' }, loser: { email: 'b@people.test' } },
    });
    expect(await people.partition(['mail:a', 'mail:b', 'device:1', 'device:2'])).toEqual([
      'device:1 mail:a',
      'device:2 mail:b',
    ]);
  });

  it('of the middle merge of a chain waits for the later merge that moved its visitors on', async () => {
    for (const [index, who] of ['device:1', 'device:2', 'device:3', 'device:4'].entries())
      await people.see(who, index);
    for (const who of ['device:3 device:4', 'device:2 device:3', 'device:1 device:2'])
      await people.see(who);
    const [first, middle, last] = await merges();

    expect(await people.hw.visitors.undoMerge(middle!.id)).toMatchObject({
      ok: false,
      code: 'undo_later_merge_first',
    });
    orThrow(await people.hw.visitors.undoMerge(last!.id));
    orThrow(await people.hw.visitors.undoMerge(middle!.id));
    expect(await people.partition(['device:1', 'device:2', 'device:3', 'device:4'])).toEqual([
      'device:1',
      'device:2',
      'device:3 device:4',
    ]);
    orThrow(await people.hw.visitors.undoMerge(first!.id));
    expect(await people.partition(['device:3', 'device:4'])).toHaveLength(2);
  });

  it('of one of several merges into one person leaves the others', async () => {
    for (const who of ['user:ann device:1', 'user:ann device:2', 'user:ann device:3'])
      await people.see(who);
    orThrow(await people.hw.visitors.undoMerge((await merges())[1]!.id));
    expect(await people.partition(['user:ann', 'device:1', 'device:2', 'device:3'])).toHaveLength(
      2,
    );
  });

  it('after new identifiers leaves these where they were bound', async () => {
    await people.see('device:1', 0);
    await people.see('device:2', 1);
    await people.see('device:1 device:2', 2);
    await people.see('device:1 mail:one', 3);
    await people.see('device:2 mail:two', 4);
    orThrow(await people.hw.visitors.undoMerge((await merges())[0]!.id));
    // Who joined the person after the merge was joined to the winner, and stays there.
    expect(await people.partition(['device:1', 'device:2', 'mail:one', 'mail:two'])).toEqual([
      'device:1 mail:one mail:two',
      'device:2',
    ]);
  });

  it('then the same evidence again: the two stay apart, in a rebuild too', async () => {
    await people.see('user:ann device:1');
    await people.see('device:2');
    await people.see('user:ann device:2');
    orThrow(await people.hw.visitors.undoMerge((await merges())[1]!.id));
    const again = await people.see('user:ann device:2');

    expect(again.identity).toEqual({
      outcome: 'refused',
      reason: 'kept_apart',
      demoted: ['visitor'],
    });
    await people.hw.visitors.rebuild();
    expect(await people.partition(['user:ann', 'device:1', 'device:2'])).toEqual([
      'device:1 user:ann',
      'device:2',
    ]);
  });

  it('keeps apart what its event had named, whatever becomes of the roots', async () => {
    await people.see('device:1 app:1', 0);
    await people.see('device:2 app:2', 1);
    await people.see('app:1 app:2', 2);
    const [one, two, both] = await merges();
    for (const merge of [both, two, one]) orThrow(await people.hw.visitors.undoMerge(merge!.id));

    expect((await people.see('app:1 app:2', 3)).identity).toMatchObject({
      outcome: 'refused',
      reason: 'kept_apart',
    });
  });

  it('then a merge by hand joins again, and the evidence after it too', async () => {
    await people.see('user:ann device:1');
    await people.see('device:2');
    await people.see('user:ann device:2');
    const merge = (await merges())[1]!;
    orThrow(await people.hw.visitors.undoMerge(merge.id));
    const joined = await people.hw.visitors.merge({
      visitorId: merge.winner_id,
      otherVisitorId: merge.loser_id,
    });

    expect(joined).toMatchObject({ ok: true, value: { identity: { outcome: 'merged' } } });
    expect((await people.see('user:ann device:2')).identity).toEqual({ outcome: 'known' });
    await people.hw.visitors.rebuild();
    expect(await people.partition(['user:ann', 'device:1', 'device:2'])).toHaveLength(1);
  });

  it('is done once, and refuses what does not exist', async () => {
    await people.see('user:ann device:1');
    const [merge] = await merges();
    orThrow(await people.hw.visitors.undoMerge(merge!.id, { actor: 'support' }));
    expect(await people.hw.visitors.undoMerge(merge!.id)).toMatchObject({
      ok: false,
      code: 'merge_already_undone',
    });
    expect(await people.hw.visitors.undoMerge(context.createId(noon))).toMatchObject({
      ok: false,
      code: 'merge_not_found',
    });
    expect(await people.hw.visitors.undoMerge('no-uuid')).toMatchObject({
      ok: false,
      code: 'merge_not_found',
    });
  });
});

describe('a merge by hand', () => {
  it('refuses two customers and says why', async () => {
    const ann = await people.see('user:ann');
    const bob = await people.see('user:bob');
    const result = await people.hw.visitors.merge({
      visitorId: ann.visitorId!,
      otherVisitorId: bob.visitorId!,
    });
    expect(result).toMatchObject({
      ok: true,
      value: { identity: { outcome: 'refused', reason: 'different_external_id' } },
    });
    expect(await people.partition(['user:ann', 'user:bob'])).toHaveLength(2);
  });

  it('finds nobody by an id that is none, and makes nobody', async () => {
    const { visitorId } = await people.see('mail:a');
    for (const other of [context.createId(noon), 'no-uuid']) {
      expect(
        await people.hw.visitors.merge({ visitorId: visitorId!, otherVisitorId: other }),
      ).toMatchObject({ ok: false, code: 'visitor_not_found' });
    }
  });
});

describe('a click of ours', () => {
  const source = { kind: 'campaign', confidence: 'certain', rule: 'own_link' } as const;
  const direct = { kind: 'direct', confidence: 'low', rule: 'direct' } as const;
  const click = (who: string, at: number) =>
    people.see(who, at, {
      type: 'link_click',
      more: { linkId: context.createId(noon), arrival: { source } },
    });
  const land = (who: string, at: number, clickId: string) =>
    people.see(who, at, { type: 'pageview', more: { arrival: { source: direct, clickId } } });

  it('joins the visitor of the link host to the visitor of the site', async () => {
    const { eventId } = await click('device:go', 0);
    expect((await land('device:shop', 1, eventId)).identity).toEqual({ outcome: 'linked' });
    expect(await people.partition(['device:go', 'device:shop'])).toHaveLength(1);
  });

  it('joins once: whoever is handed the address afterwards stays themselves', async () => {
    const { eventId } = await click('device:go', 0);
    await land('device:shop', 1, eventId);
    const friend = await land('device:friend', 2, eventId);
    expect(friend.identity).toEqual({ outcome: 'created' });
    expect(await people.partition(['device:go', 'device:shop', 'device:friend'])).toEqual([
      'device:friend',
      'device:go device:shop',
    ]);
  });

  it('joins one of two landings in one batch: the first by time', async () => {
    const { eventId } = await click('device:go', 0);
    const pageview = (who: string, at: number) => ({
      who,
      at,
      type: 'pageview' as const,
      more: { arrival: { source: direct, clickId: eventId } },
    });
    await people.seeTogether([pageview('device:second', 2), pageview('device:first', 1)]);
    expect(await people.partition(['device:go', 'device:first', 'device:second'])).toEqual([
      'device:first device:go',
      'device:second',
    ]);
  });

  it('joins within 30 minutes only', async () => {
    const late = await click('device:go-1', 0);
    const just = await click('device:go-2', 0);
    await land('device:shop-1', 31, late.eventId);
    await land('device:shop-2', 30, just.eventId);
    expect(
      await people.partition(['device:go-1', 'device:shop-1', 'device:go-2', 'device:shop-2']),
    ).toEqual(['device:go-1', 'device:go-2 device:shop-2', 'device:shop-1']);
  });

  it('does not join two customers, uses up its single use, and takes no device away', async () => {
    await people.see('user:ann device:go', 0);
    await people.see('user:bob device:shop', 0);
    const { eventId } = await click('device:go', 1);
    const landing = await land('device:shop', 2, eventId);

    expect(landing.identity).toEqual({
      outcome: 'refused',
      reason: 'different_external_id',
      demoted: ['hw_click'],
    });
    expect((await people.see('device:go')).personId).toBe((await people.find('user:ann'))!.rootId);
    await people.hw.visitors.rebuild();
    expect((await people.see('device:go')).personId).toBe((await people.find('user:ann'))!.rootId);
    await land('device:new', 3, eventId);
    expect(await people.partition(['device:go', 'device:new'])).toHaveLength(2);
  });

  it('of another workspace joins nobody', async () => {
    const other = await openNewPeople(context);
    const { eventId } = await click('device:go', 0);
    const landing = await other.see('device:shop', 1, {
      type: 'pageview',
      more: { arrival: { source: direct, clickId: eventId } },
    });
    expect(landing.identity).toEqual({ outcome: 'created' });
  });
});

describe('events of a server', () => {
  const server = { createsVisitor: false } as const;

  it('never make a visitor', async () => {
    for (const who of ['user:nobody', 'mail:nobody', 'user:nobody mail:nobody']) {
      expect(
        await context.ingest.submit(people.incoming({ who, at: 1, type: 'sale', more: server })),
      ).toMatchObject({ outcome: 'rejected', code: 'visitor_not_found' });
    }
    expect(orThrow(await people.hw.visitors.list()).visitors).toEqual([]);
  });

  it('find the customer that their own batch introduces, also where the sale happened first', async () => {
    const outcomes = await people.seeTogether([
      { who: 'user:ann mail:ann', at: 10 },
      {
        who: 'user:ann',
        at: 5,
        type: 'sale',
        more: { ...server, amountMinor: '100', currency: 'EUR' },
      },
      { who: 'user:bob', at: 6, type: 'sale', more: server },
    ]);
    expect(outcomes).toMatchObject([
      { outcome: 'accepted' },
      { outcome: 'accepted' },
      { outcome: 'rejected' },
    ]);
    expect(await people.hw.visitors.getByExternalId('ann')).toMatchObject({
      status: 'customer',
      lifetimeValue: [{ currency: 'EUR', amountMinor: 100n }],
    });
  });

  it('are not decided by an email where the external id is unknown', async () => {
    await people.see('mail:ann');
    expect(
      await context.ingest.submit(
        people.incoming({ who: 'user:ann mail:ann', at: 2, type: 'sale', more: server }),
      ),
    ).toMatchObject({ outcome: 'rejected' });
  });

  it('take a visitor id before every identifier', async () => {
    const ann = await people.see('user:ann');
    await people.see('user:bob');
    const outcome = await people.see('user:bob', 5, {
      type: 'lead',
      more: { ...server, visitorId: ann.visitorId! },
    });
    expect(outcome).toMatchObject({ visitorId: ann.visitorId, identity: { outcome: 'known' } });
  });
});

describe('a person', () => {
  it('moves on from anonymous to customer and never back', async () => {
    const status = async (): Promise<string | undefined> =>
      (await people.hw.visitors.get((await people.find('device:1'))!.visitorId))?.status;
    await people.see('device:1', 0, { type: 'pageview' });
    expect(await status()).toBe('anonymous');
    await people.see('device:1 user:ann', 1);
    expect(await status()).toBe('identified');
    await people.see('user:ann', 2, { type: 'lead' });
    expect(await status()).toBe('lead');
    await people.see('user:ann', 3, { type: 'sale' });
    await people.see('user:ann', 4, { type: 'lead' });
    await people.see('device:1 user:ann', 5);
    expect(await status()).toBe('customer');
    expect(await people.hw.visitors.getByExternalId('ann')).toMatchObject({
      identifiedAt: new Date(noon + 60_000),
      convertedAt: new Date(noon + 120_000),
    });
  });
});
