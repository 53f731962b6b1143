import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import { createScriptedPlatform } from '../../../../test/support/scripted-connector.ts';
import { day, hour, minute } from '../kernel/clock.ts';
import { given } from '../kernel/given.ts';
import { orThrow } from '../kernel/result.ts';
import { RefusedAddressError } from '../outbound/guarded-fetch.ts';
import type { TrackEventInput } from '../ingest/track-event.ts';
import { applyRetention } from '../privacy/apply-retention.ts';
import { reconcileAll } from './reconcile-dispatches.ts';
import type { DispatchVerdict, DispatchQuestion } from './connector-options.ts';

describe.each(testDatabaseSizes)('conversions on their way to a platform on %s', (size) => {
  const platform = createScriptedPlatform();
  let verdict: (question: DispatchQuestion) => DispatchVerdict = () => 'allow';
  let context: TestContext;
  let people: People;
  beforeAll(async () => {
    context = await openTestContext(size, {
      connectors: {
        own: [platform.connector],
        fetch: (...args) => platform.fetch(...args),
        policy: (question) => verdict(question),
      },
    });
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());
  beforeEach(async () => {
    people = await openNewPeople(context);
    platform.answer = () => ({ status: 200 });
    verdict = () => 'allow';
    await setUp();
  });

  const setUp = async (): Promise<void> => {
    const { hw, workspace } = people;
    orThrow(
      await hw.connectors.enable('stand_in', {
        credentials: { account: workspace.id, api_key: 'secret-key-1' },
      }),
    );
  };
  /** A visitor who came by an ad. */
  const visitor = async (
    more: { [Field in keyof TrackEventInput]?: TrackEventInput[Field] | undefined } = {},
    ago = hour,
  ): Promise<string> => {
    const outcome = orThrow(
      await people.hw.events.track(
        given({
          type: 'pageview' as const,
          externalId: randomUUID(),
          url: 'https://shop.test/?gclid=click-1',
          occurredAt: new Date(context.clock.now() - ago),
          ...more,
        }) as TrackEventInput,
        { createsVisitor: true },
      ),
    );
    return (outcome as { visitorId: string }).visitorId;
  };
  const sale = async (visitorId: string, more: Partial<TrackEventInput> = {}): Promise<string> => {
    const outcome = orThrow(
      await people.hw.events.sale({ visitorId, amountMinor: 4_950n, currency: 'EUR', ...more }),
    );
    return outcome.eventId;
  };
  const deliver = () => people.hw.connectors.deliverDue();
  const told = () =>
    platform.requests
      .filter(({ account }) => account === people.workspace.id)
      .flatMap(({ conversions }) => conversions);
  const dispatches = async () => orThrow(await people.hw.connectors.dispatches.list()).dispatches;
  const only = async () => {
    const [dispatch, another] = await dispatches();
    expect(another).toBeUndefined();
    return dispatch!;
  };

  it('sends a sale with the click that brought its visitor, at the time of the click', async () => {
    const clickedAt = new Date(context.clock.now() - hour).toISOString();
    const id = await sale(await visitor({ email: 'ann@people.test' }));
    expect(await only()).toMatchObject({ status: 'pending', eventId: id, attempts: 0 });
    expect(await deliver()).toMatchObject({ delivered: 1, failed: 0 });
    expect(told()).toEqual([
      {
        eventId: id,
        type: 'sale',
        signals: { gclid: 'click-1' },
        seenAt: { gclid: clickedAt },
        email: 'ann@people.test',
        value: '4950 EUR',
      },
    ]);
    expect(await only()).toMatchObject({
      status: 'delivered',
      attempts: 1,
      matchedBy: 'gclid',
      matchQuality: 98,
      reference: 'r-1',
      history: [{ outcome: 'delivered', status: 200 }],
    });
    await deliver();
    expect(told()).toHaveLength(1);
  });

  it('adds the cookies that later pages of the visit bring to the click, and changes none', async () => {
    const clickedAt = new Date(context.clock.now() - hour).toISOString();
    const id = await visitor({ externalId: 'bea' });
    const page = (minutes: number, signals: Record<string, string>) =>
      visitor(
        { externalId: 'bea', url: 'https://shop.test/next', signals },
        hour - minutes * minute,
      );
    await page(1, { _fbp: 'fb.1.1596403881668.1116446470' });
    await page(2, { _fbp: 'fb.1.9.9', _fbc: 'fb.1.1.other' });
    await sale(id);
    await deliver();
    expect(told()).toMatchObject([
      {
        signals: { gclid: 'click-1', _fbp: 'fb.1.1596403881668.1116446470' },
        seenAt: { gclid: clickedAt, _fbp: clickedAt },
      },
    ]);
    const { signals } = await context.database.db
      .selectFrom('touch')
      .select('signals')
      .where('workspace_id', '=', people.workspace.id)
      .executeTakeFirstOrThrow();
    expect(signals).toEqual({
      gclid: 'click-1',
      _fbp: 'fb.1.1596403881668.1116446470',
      _fbc: 'fb.1.1.other',
    });
  });

  it('tells the platform the event id that the sender gave', async () => {
    const eventId = randomUUID();
    await sale(await visitor(), { eventId });
    await deliver();
    expect(told()).toMatchObject([{ eventId }]);
    expect(await only()).toMatchObject({ eventKey: eventId });
  });

  it('takes the signals that come with the conversion before those of older touches', async () => {
    const visitorId = await visitor();
    orThrow(
      await people.hw.events.submitSale(
        visitorId,
        { amountMinor: 4_900n, currency: 'USD' },
        { connectorSignals: { _fbp: 'fb.1.123', gclid: 'click-2' } },
      ),
    );
    orThrow(await people.hw.events.submitLead({ id: visitorId }, { properties: { form: 'a' } }));
    await deliver();
    expect(told()).toMatchObject([
      { type: 'sale', signals: { _fbp: 'fb.1.123', gclid: 'click-2' } },
      { type: 'lead', signals: { gclid: 'click-1' } },
    ]);
  });

  it('uses what people who were joined later know of each other', async () => {
    const device = await visitor({ externalId: undefined, anonymousId: `cookie-${randomUUID()}` });
    const user = randomUUID();
    const mail = `${user}@people.test`;
    const buyer = await visitor({
      externalId: user,
      email: mail,
      url: undefined,
      type: 'identify',
    });
    await sale(buyer);
    orThrow(await people.hw.visitors.merge({ visitorId: device, otherVisitorId: buyer }));
    await deliver();
    expect(told()).toMatchObject([{ signals: { gclid: 'click-1' }, email: mail }]);
  });

  it('leaves out a click that the platform does not take any more', async () => {
    const visitorId = await visitor({}, 31 * day);
    await sale(visitorId);
    await deliver();
    expect(await only()).toMatchObject({
      status: 'skipped',
      reason: 'signals_missing',
      message: expect.stringContaining('gclid') as string,
    });
    expect(told()).toHaveLength(0);
  });

  it.each([
    ['with the conversion', {}, { consent: { ads: 'denied' as const } }],
    ['pending with the conversion', {}, { consent: { ads: 'pending' as const } }],
    ['with the touch', { consent: { ads: 'denied' as const } }, {}],
  ])('sends nothing where consent was denied %s', async (_, touch, conversion) => {
    await sale(await visitor(touch), conversion);
    await deliver();
    expect(await only()).toMatchObject({ status: 'skipped', reason: 'consent_denied' });
    expect(told()).toHaveLength(0);
  });

  it('sends nothing where consent was withdrawn between the conversion and its turn', async () => {
    const visitorId = await visitor({ consent: { ads: 'granted' } });
    await sale(visitorId, { consent: { ads: 'granted' } });
    orThrow(
      await people.hw.events.track({
        type: 'pageview',
        visitorId,
        url: 'https://shop.test/?utm_source=mail&utm_medium=email',
        consent: { ads: 'denied' },
      }),
    );
    await deliver();
    expect(await only()).toMatchObject({ status: 'skipped', reason: 'consent_denied' });
  });

  it('skips what is too old, what the policy rejects, and what nobody wants any more', async () => {
    const visitorId = await visitor({}, 9 * day);
    await sale(visitorId, { occurredAt: new Date(context.clock.now() - 8 * day) });
    await deliver();
    expect(await only()).toMatchObject({ status: 'skipped', reason: 'too_old' });

    verdict = ({ connector, event, signals }) =>
      connector === 'stand_in' && event.type === 'sale' && signals['gclid'] === 'click-1'
        ? { reject: 'internal order' }
        : 'allow';
    await sale(visitorId);
    await deliver();
    expect((await dispatches())[0]).toMatchObject({
      status: 'skipped',
      reason: 'policy',
      message: expect.stringContaining('internal order') as string,
    });

    await sale(visitorId);
    orThrow(await people.hw.connectors.disable('stand_in'));
    await deliver();
    expect((await dispatches())[0]).toMatchObject({ status: 'skipped', reason: 'disabled' });
    await sale(visitorId);
    expect(await dispatches()).toHaveLength(3);
    expect(told()).toHaveLength(0);
  });

  it('plans only the kinds of conversions that it was told to', async () => {
    orThrow(await people.hw.connectors.update('stand_in', { eventTypes: ['lead'] }));
    const visitorId = await visitor();
    await sale(visitorId);
    orThrow(await people.hw.events.lead({ visitorId }));
    expect(await only()).toMatchObject({ eventType: 'lead' });
  });

  it('pauses where the credentials are refused, and sends everything when they are mended', async () => {
    platform.answer = ({ key }) => ({ status: key === 'secret-key-2' ? 200 : 401 });
    const visitorId = await visitor();
    await sale(visitorId);
    await sale(visitorId);
    await deliver();
    expect(await people.hw.connectors.get('stand_in')).toMatchObject({
      paused: { code: 'http_401' },
    });
    const asked = platform.requests.length;
    context.clock.moveBy(6 * hour);
    await deliver();
    expect(platform.requests).toHaveLength(asked);
    expect((await dispatches()).map(({ status }) => status)).toEqual(['pending', 'pending']);

    orThrow(await people.hw.connectors.putCredential('stand_in', 'api_key', 'secret-key-2'));
    await deliver();
    expect((await dispatches()).map(({ status }) => status)).toEqual(['delivered', 'delivered']);
    expect(await people.hw.connectors.get('stand_in')).toMatchObject({ paused: undefined });
  });

  it('pauses where its address leads into a private network, and sends nothing again that had arrived', async () => {
    let requests = 0;
    platform.answer = () => {
      if ((requests += 1) === 2) throw new RefusedAddressError('It is in a private network.');
      return { status: 200 };
    };
    const visitorId = await visitor();
    for (let number = 0; number < 12; number += 1) await sale(visitorId);
    expect(await deliver()).toMatchObject({ delivered: 10, retried: 2 });
    expect(await people.hw.connectors.get('stand_in')).toMatchObject({
      paused: { code: 'private_network' },
    });
    orThrow(await people.hw.connectors.resume('stand_in'));
    expect(await deliver()).toMatchObject({ delivered: 2 });
  });

  it('pauses where credentials are missing, and says which', async () => {
    orThrow(await people.hw.connectors.putCredentials('stand_in', { api_key: null }));
    await sale(await visitor());
    await deliver();
    const state = await people.hw.connectors.get('stand_in');
    expect(state).toMatchObject({
      paused: {
        code: 'configuration_incomplete',
        message: expect.stringContaining('api_key') as string,
      },
    });
    expect(state!.credentials.map(({ name, isSet }) => [name, isSet])).toEqual([
      ['account', true],
      ['api_key', false],
    ]);
  });

  it('never tells credentials again, and stores them encrypted', async () => {
    await sale(await visitor());
    platform.answer = () => ({ status: 401 });
    await deliver();
    const shown = JSON.stringify([
      await people.hw.connectors.list(),
      await dispatches(),
      orThrow(await people.hw.connectors.dispatches.preview((await only()).id)),
    ]);
    expect(shown).not.toContain('secret-key');
    expect(context.logged.join('\n')).not.toContain('secret-key');
    const row = await context.database.db
      .selectFrom('connector')
      .select('credentials')
      .where('workspace_id', '=', people.workspace.id)
      .executeTakeFirstOrThrow();
    expect(Buffer.from(row.credentials!).includes('secret-key')).toBe(false);
  });

  it('refuses what a connector does not have, by the name of the field', async () => {
    const { connectors } = people.hw;
    expect(await connectors.enable('nobody')).toMatchObject({ code: 'connector_not_found' });
    expect(
      await connectors.update('stand_in', {
        eventTypes: ['purchase'],
        settings: { colour: 'red' },
        credentials: { password: 'x' },
      }),
    ).toMatchObject({
      code: 'validation_failed',
      errors: {
        eventTypes: [expect.stringContaining('lead, sale')],
        'settings.colour': ['is not one of version'],
        'credentials.password': ['is not one of account, api_key'],
      },
    });
  });

  it('waits as long as the platform asks, and tries again under the same id', async () => {
    platform.answer = (_, number) =>
      number < 0 ? { status: 200 } : { status: 429, headers: { 'retry-after': '3600' } };
    const id = await sale(await visitor());
    await deliver();
    expect(await only()).toMatchObject({ status: 'pending', reason: 'http_429', attempts: 1 });
    const dueAt = (await only()).dueAt!.getTime();
    expect(dueAt).toBeGreaterThanOrEqual(context.clock.now() + hour);
    platform.answer = () => ({ status: 200 });
    const before = platform.requests.length;
    context.clock.moveBy(59 * minute);
    await deliver();
    expect(platform.requests).toHaveLength(before);
    context.clock.moveBy(10 * minute);
    await deliver();
    expect(told().map(({ eventId }) => eventId)).toEqual([id, id]);
    expect(await only()).toMatchObject({ status: 'delivered', attempts: 2 });
  });

  it('gives up on an outage after three days, with the reason', async () => {
    platform.answer = () => ({ status: 503 });
    await sale(await visitor());
    for (let step = 0; step < 24; step += 1) {
      await deliver();
      context.clock.moveBy(4 * hour);
    }
    const dispatch = await only();
    expect(dispatch).toMatchObject({ status: 'failed', reason: 'http_503' });
    expect(dispatch.attempts).toBeGreaterThan(5);
    expect(dispatch.attempts).toBeLessThan(25);
  }, 60_000);

  it('sends the rest of a batch where rows are refused, and those again that may go again', async () => {
    const visitorId = await visitor();
    for (let index = 0; index < 4; index += 1) await sale(visitorId);
    platform.answer = ({ conversions }) => ({
      status: 200,
      rows: conversions.length === 4 ? ['ok', 'bad', 'resend', 'later'] : undefined,
    });
    await deliver();
    const statuses = (await dispatches())
      .toReversed()
      .map(({ status, reason }) => [status, reason]);
    expect(statuses).toEqual([
      ['delivered', undefined],
      ['failed', 'bad_row'],
      ['delivered', undefined],
      ['pending', 'row_later'],
    ]);
  });

  it('tells of a refund after its sale, and not of one whose sale was never told', async () => {
    const visitorId = await visitor();
    platform.answer = () => ({ status: 503 });
    const id = await sale(visitorId);
    orThrow(
      await people.hw.events.track({
        type: 'refund',
        visitorId,
        refundOf: id,
        amountMinor: 1_000n,
        currency: 'EUR',
      }),
    );
    await deliver();
    platform.answer = () => ({ status: 200 });
    for (let step = 0; step < 5; step += 1) {
      context.clock.moveBy(2 * minute);
      await deliver();
    }
    const [sold, refunded] = told().slice(-2);
    expect(sold).toMatchObject({ type: 'sale', eventId: id });
    expect(refunded).toMatchObject({ type: 'refund', refunds: id, value: '1000 EUR' });

    const quiet = await sale(visitorId, { consent: { ads: 'denied' } });
    orThrow(await people.hw.events.track({ type: 'refund', visitorId, refundOf: quiet }));
    await deliver();
    context.clock.moveBy(2 * minute);
    await deliver();
    expect((await dispatches())[0]).toMatchObject({
      eventType: 'refund',
      status: 'skipped',
      reason: 'original_not_delivered',
    });
  });

  it('finds conversions that were never planned', async () => {
    orThrow(await people.hw.connectors.disable('stand_in'));
    const visitorId = await visitor();
    const early = await sale(visitorId, { eventId: randomUUID() });
    context.clock.moveBy(5 * minute);
    await visitor();
    // Another process switches it on; this one has not heard of it yet.
    const other = context.another();
    const workspace = (await other.workspaces.get(people.workspace.id))!;
    const { changeConnector } = await import('./change-connector.ts');
    orThrow(await changeConnector(other, workspace, 'stand_in', { enabled: true }));
    const late = await sale(visitorId);
    expect(await dispatches()).toHaveLength(0);
    expect(await people.hw.connectors.reconcile()).toEqual({ planned: { stand_in: 1 } });
    expect(await people.hw.connectors.reconcile()).toEqual({ planned: { stand_in: 0 } });
    expect(await only()).toMatchObject({ eventId: late, status: 'pending' });
    const since = new Date(context.clock.now() - day);
    expect(await people.hw.connectors.reconcile({ since })).toEqual({ planned: { stand_in: 1 } });
    await deliver();
    expect(told()).toHaveLength(2);
    expect((await dispatches()).map(({ eventId }) => eventId).toSorted()).toEqual(
      [early, late].toSorted(),
    );
  });

  it('plans nothing anew that was sent and whose dispatch is not kept any more', async () => {
    people = await openNewPeople(context, { retention: { clickIds: 2 } });
    await setUp();
    const since = new Date(context.clock.now() - day);
    await sale(await visitor());
    await deliver();
    context.clock.moveBy(3 * day);
    expect((await applyRetention(context)).rows).toMatchObject({ dispatches: 1 });
    await reconcileAll(context);
    expect(await people.hw.connectors.reconcile({ since })).toEqual({ planned: { stand_in: 0 } });
    expect(await dispatches()).toEqual([]);
  });

  it('replays what is asked for under the same id, and counts it first', async () => {
    platform.answer = () => ({ status: 400 });
    const visitorId = await visitor();
    const ids = [await sale(visitorId), await sale(visitorId)];
    await deliver();
    const { connectors } = people.hw;
    expect(orThrow(await connectors.replay({ preview: true }))).toEqual({
      count: 2,
      byConnector: { stand_in: 2 },
      more: false,
    });
    expect((await dispatches()).map(({ status }) => status)).toEqual(['failed', 'failed']);
    platform.answer = () => ({ status: 200 });
    const [newest] = await dispatches();
    expect(orThrow(await connectors.replay({ ids: [newest!.id] }))).toMatchObject({ count: 1 });
    await deliver();
    expect((await dispatches())[0]).toMatchObject({ status: 'delivered', replays: 1, attempts: 1 });
    expect(
      orThrow(
        await connectors.replay({
          connector: 'stand_in',
          from: new Date(context.clock.now() - day),
        }),
      ),
    ).toMatchObject({ count: 1 });
    await deliver();
    expect(orThrow(await connectors.replay({ status: 'delivered' }))).toMatchObject({ count: 2 });
    await deliver();
    expect(new Set(told().map(({ eventId }) => eventId))).toEqual(new Set(ids));
    expect(await connectors.replay({ ids: ['x'] })).toMatchObject({ code: 'validation_failed' });
  });

  it('shows what would be sent, and why nothing would be', async () => {
    const visitorId = await visitor({ email: 'ann@people.test' });
    await sale(visitorId);
    const { dispatches: calls } = people.hw.connectors;
    expect(orThrow(await calls.preview((await only()).id))).toMatchObject({
      sends: true,
      payload: { type: 'sale', signals: { gclid: 'click-1' } },
      request: { method: 'POST', headers: { 'x-api-key': '[secret]' } },
      match: { score: 98, present: ['gclid', 'email'], missing: [] },
    });
    expect(told()).toHaveLength(0);
    await sale(visitorId, { consent: { ads: 'denied' } });
    expect(orThrow(await calls.preview((await dispatches())[0]!.id))).toMatchObject({
      sends: false,
      reason: 'consent_denied',
      payload: undefined,
    });
    expect(await calls.preview(randomUUID())).toMatchObject({ code: 'dispatch_not_found' });
  });

  it('compares what the platform will claim with what the journeys say', async () => {
    const visitorId = await visitor();
    await sale(visitorId);
    orThrow(
      await people.hw.events.track({
        type: 'pageview',
        visitorId,
        url: 'https://shop.test/?fbclid=social-1',
        occurredAt: new Date(context.clock.now() + minute),
      }),
    );
    context.clock.moveBy(2 * minute);
    await sale(visitorId, { amountMinor: 1_000n });
    await deliver();
    expect(
      orThrow(await people.hw.connectors.claims({ to: new Date(context.clock.now() + hour) })),
    ).toMatchObject({
      total: { conversions: 2, revenue: [{ currency: 'EUR', amountMinor: 5_950n }] },
      rows: [
        {
          connector: 'stand_in',
          claimed: { conversions: 2, revenue: [{ currency: 'EUR', amountMinor: 5_950n }] },
          confirmed: { conversions: 1, revenue: [{ currency: 'EUR', amountMinor: 4_950n }] },
          credited: { conversions: 1 },
        },
      ],
    });
  });

  it('forgets what was on its way with its person', async () => {
    const visitorId = await visitor();
    await sale(visitorId);
    const receipt = orThrow(await people.hw.privacy.forget({ visitorId }));
    expect(receipt.rows.dispatch).toBe(1);
    expect(await dispatches()).toHaveLength(0);
    await deliver();
    expect(told()).toHaveLength(0);
  });

  it('keeps to its workspace', async () => {
    await sale(await visitor());
    const { id } = await only();
    const other = await openNewPeople(context);
    expect(await other.hw.connectors.dispatches.get(id)).toBeUndefined();
    expect(await other.hw.connectors.dispatches.preview(id)).toMatchObject({
      code: 'dispatch_not_found',
    });
    expect(orThrow(await other.hw.connectors.replay({ ids: [id] }))).toMatchObject({ count: 0 });
    expect(await other.hw.connectors.get('stand_in')).toMatchObject({ enabled: false });
  });

  it('waits where sending is switched off as a whole', async () => {
    await sale(await visitor());
    const { deliverDispatches } = await import('./deliver-dispatches.ts');
    const off = context.another({ connectors: { own: [platform.connector], enabled: false } });
    expect(await deliverDispatches(off)).toEqual({
      delivered: 0,
      retried: 0,
      failed: 0,
      skipped: 0,
    });
    expect(await only()).toMatchObject({ status: 'pending' });
  });
});
