import { createHmac } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { createApp } from '../http/app.ts';
import { openApi } from '../../../../test/support/api.ts';
import type { Api } from '../../../../test/support/api.ts';
import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { openNewPeople } from '../../../../test/support/people.ts';
import type { People } from '../../../../test/support/people.ts';
import { hour } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import { applyDuePayments } from './apply-payments.ts';

const secret = 'whsec_of_the_tests';

describe.each(testDatabaseSizes)('messages of Stripe on %s', (size) => {
  let context: TestContext;
  let people: People;
  let api: Api;
  let source: { readonly id: string; readonly path: string };
  let sequence = 0;
  beforeAll(async () => {
    context = await openTestContext(size);
  }, 60_000);
  afterAll(() => context[Symbol.asyncDispose]());
  beforeEach(async () => {
    people = await openNewPeople(context);
    api = await openApi(context, people.workspace);
    source = (
      await api<{ id: string; path: string }>('POST', '/payment-sources', {
        provider: 'stripe',
        secret,
      })
    ).body;
  });

  const eventOf = (type: string, object: object, more: object = {}) => ({
    id: `evt_${(sequence += 1)}`,
    type,
    created: Math.floor(context.clock.now() / 1_000),
    livemode: true,
    data: { object, ...more },
  });
  async function send(body: object, key = secret): Promise<{ status: number; body: unknown }> {
    const text = JSON.stringify(body);
    const time = Math.floor(context.clock.now() / 1_000);
    const signature = createHmac('sha256', key).update(`${time}.${text}`).digest('hex');
    const answer = await createApp(context).request(`http://shop.test/hw${source.path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'stripe-signature': `t=${time},v1=${signature}`,
      },
      body: text,
    });
    return { status: answer.status, body: await answer.json() };
  }
  const session = (more: object = {}) =>
    eventOf('checkout.session.completed', {
      id: 'cs_1',
      payment_status: 'paid',
      amount_total: 4_900,
      currency: 'eur',
      payment_intent: 'pi_1',
      customer: 'cus_1',
      client_reference_id: 'ann',
      customer_details: { email: 'ann@example.com' },
      ...more,
    });
  const refunded = (amount: number, before: number) =>
    eventOf(
      'charge.refunded',
      { id: 'ch_1', payment_intent: 'pi_1', amount_refunded: amount, currency: 'eur' },
      { previous_attributes: { amount_refunded: before } },
    );
  const revenue = async (externalId = 'ann') => {
    const workspaceId = people.workspace.id;
    const visitor = await people.hw.visitors.getByExternalId(externalId, { workspaceId });
    return visitor?.lifetimeValue.map(({ currency, amountMinor }) => [
      currency,
      Number(amountMinor),
    ]);
  };
  const messages = async () =>
    (
      await api<Array<{ type: string; status: string; reason: string | null }>>(
        'GET',
        `/payment-sources/${source.id}/messages`,
      )
    ).body.map(({ status, reason }) => [status, reason]);

  it('make the sale of the person who was seen before, once', async () => {
    const { visitorId } = await people.see('user:ann device:phone', 1);
    const paid = session();
    expect(await send(paid)).toEqual({ status: 200, body: { outcome: 'accepted' } });
    expect(await send(paid)).toEqual({ status: 200, body: { outcome: 'duplicate' } });
    expect(await revenue()).toEqual([['EUR', 4_900]]);
    const { body } = await api('GET', `/payment-sources/${source.id}/messages`);
    expect(body).toMatchObject([{ status: 'applied', visitor_id: visitorId }]);
  });

  it('are listed page by page, those of the same moment too', async () => {
    for (const customer of ['cus_1', 'cus_2', 'cus_3'])
      await send(eventOf('product.created', { id: customer }));
    const path = `/payment-sources/${source.id}/messages`;
    const ids = async (query: string) => {
      const { body, headers } = await api<Array<{ id: string }>>('GET', `${path}?${query}`);
      return { ids: body.map(({ id }) => id), next: headers.get('x-next-cursor') };
    };
    const all = await ids('limit=3');
    expect(all).toMatchObject({ ids: { length: 3 }, next: null });
    const first = await ids('limit=2');
    const second = await ids(`limit=2&cursor=${first.next}`);
    expect([...first.ids, ...second.ids]).toEqual(all.ids);
    expect(second.next).toBeNull();
    expect(await api('GET', `${path}?cursor=unknown`)).toMatchObject({ status: 422 });
  });

  it('count a subscription that a session and an invoice tell of once, and find its person later', async () => {
    await people.see('user:ann', 1);
    await send(session({ invoice: 'in_1', payment_intent: null, subscription: 'sub_1' }));
    const invoice = { id: 'in_1', amount_paid: 4_900, currency: 'eur', customer: 'cus_1' };
    await send(eventOf('invoice.paid', invoice));
    expect(await revenue()).toEqual([['EUR', 4_900]]);
    context.clock.moveBy(30 * 24 * hour);
    await send(eventOf('invoice.paid', { ...invoice, id: 'in_2' }));
    expect(await revenue()).toEqual([['EUR', 9_800]]);
    const ended = {
      id: 'sub_1',
      customer: 'cus_1',
      cancellation_details: { reason: 'too_expensive' },
    };
    await send(eventOf('customer.subscription.deleted', ended));
    const { rows } = await context.database.db
      .selectFrom('event')
      .select(['name'])
      .where('workspace_id', '=', people.workspace.id)
      .where('type', '=', 'custom')
      .execute()
      .then((found) => ({ rows: found.map(({ name }) => name) }));
    expect(rows).toContain('subscription_ended');
  });

  it('take back refunds, partial and whole, in whatever order they come', async () => {
    await people.see('user:ann', 1);
    await send(refunded(4_900, 1_000));
    await send(refunded(1_000, 0));
    expect((await messages()).map(([status]) => status)).toEqual(['waiting', 'waiting']);
    await send(session());
    expect((await messages()).map(([status]) => status)).toEqual(['applied', 'applied', 'applied']);
    expect(await revenue()).toEqual([['EUR', 0]]);
  });

  it('put a refund that has failed on the timeline, and undo nothing', async () => {
    const { visitorId } = await people.see('user:ann', 1);
    await send(session());
    await send(refunded(900, 0));
    const failure = {
      id: 're_1',
      charge: 'ch_1',
      payment_intent: 'pi_1',
      amount: 900,
      currency: 'eur',
      failure_reason: 'lost_or_stolen_card',
    };
    await send(eventOf('refund.failed', failure));
    expect(await revenue()).toEqual([['EUR', 4_000]]);
    const event = await context.database.db
      .selectFrom('event')
      .select(['visitor_id', 'properties'])
      .where('workspace_id', '=', people.workspace.id)
      .where('name', '=', 'refund_failed')
      .executeTakeFirst();
    expect(event).toEqual({
      visitor_id: visitorId,
      properties: {
        refund: 're_1',
        reason: 'lost_or_stolen_card',
        amount_minor: 900,
        currency: 'EUR',
      },
    });
  });

  it('take the amount back with a dispute that is lost, and nothing with one that is won', async () => {
    await people.see('user:ann', 1);
    await send(session());
    const dispute = { id: 'dp_1', payment_intent: 'pi_1', amount: 4_900, currency: 'eur' };
    await send(eventOf('charge.dispute.closed', { ...dispute, status: 'won' }));
    expect(await revenue()).toEqual([['EUR', 4_900]]);
    await send(eventOf('charge.dispute.closed', { ...dispute, id: 'dp_2', status: 'lost' }));
    expect(await revenue()).toEqual([['EUR', 0]]);
  });

  it('are one payment where its names turn out to be the same after both were sold', async () => {
    await people.see('user:ann', 1);
    await send(session({ invoice: null, payment_intent: 'pi_1' }));
    const invoice = { id: 'in_1', amount_paid: 4_900, currency: 'eur', customer: 'cus_1' };
    await send(eventOf('invoice.paid', invoice));
    expect(await revenue()).toEqual([['EUR', 9_800]]);
    const names = { invoice: 'in_1', payment: { payment_intent: 'pi_1' } };
    await send(eventOf('invoice_payment.paid', names));
    expect(await revenue()).toEqual([['EUR', 4_900]]);
    await send(refunded(4_900, 0));
    expect(await revenue()).toEqual([['EUR', 0]]);
  });

  describe('of a payment intent', { timeout: 60_000 }, () => {
    const intent = (more: object = {}) =>
      eventOf('payment_intent.succeeded', {
        id: 'pi_1',
        amount_received: 4_900,
        currency: 'eur',
        customer: 'cus_1',
        latest_charge: 'ch_1',
        metadata: { headwater_external_id: 'ann' },
        ...more,
      });
    const waitAnHour = async () => {
      context.clock.moveBy(hour);
      await applyDuePayments(context);
    };

    it('make a sale where nothing else has told of it for an hour, and its refund finds it', async () => {
      await people.see('user:ann', 1);
      await send(intent());
      expect(await messages()).toEqual([['waiting', 'may_be_told_better']]);
      await send(refunded(900, 0));
      await waitAnHour();
      expect(await revenue()).toEqual([['EUR', 4_000]]);
      expect((await messages()).map(([status]) => status)).toEqual(['applied', 'applied']);
    });

    it('make none where a session has told of it, before or after', async () => {
      await people.see('user:ann', 1);
      await send(intent({ metadata: {} }));
      await send(session());
      await send(session({ id: 'cs_2', payment_intent: 'pi_2' }));
      await send(intent({ id: 'pi_2', latest_charge: 'ch_2' }));
      expect((await messages()).map(([status]) => status)).toEqual(Array(4).fill('applied'));
      await waitAnHour();
      expect(await revenue()).toEqual([['EUR', 9_800]]);
    });

    it('make none where an invoice is what was paid, whichever message ties the two', async () => {
      await people.see('user:ann', 1);
      await send(intent());
      const invoice = { id: 'in_1', amount_paid: 4_900, currency: 'eur', customer: 'cus_1' };
      await send(session({ invoice: 'in_1', payment_intent: null }));
      await send(eventOf('invoice.paid', invoice));
      const names = { invoice: 'in_1', payment: { payment_intent: 'pi_1' } };
      await send(eventOf('invoice_payment.paid', names));
      await waitAnHour();
      expect(await revenue()).toEqual([['EUR', 4_900]]);
    });

    it('are one payment with a session that comes after its sale', async () => {
      await people.see('user:ann', 1);
      await send(intent());
      await waitAnHour();
      await send(session());
      expect(await revenue()).toEqual([['EUR', 4_900]]);
    });
  });

  it('find the journey of who came by a click of ours', async () => {
    const { workspace } = people;
    const workspaceId = workspace.id;
    const { links } = people.hw;
    const link = orThrow(
      await links.create({ domain: 'go.example', url: 'https://shop.example/' }, { workspaceId }),
    );
    const click = await people.see('device:phone', 1, {
      type: 'link_click',
      more: {
        linkId: link.id,
        arrival: { source: { source: 'newsletter', medium: 'email' } },
      } as never,
    });
    const touch = await context.database.db
      .selectFrom('touch')
      .select(['id'])
      .where('workspace_id', '=', workspaceId)
      .where('visitor_id', '=', click.visitorId!)
      .executeTakeFirstOrThrow();
    context.clock.moveBy(2 * hour);
    await send(session({ client_reference_id: null, metadata: { hw_click: touch.id } }));
    const person = await people.hw.visitors.get(click.visitorId!, { workspaceId });
    expect(person).toMatchObject({ email: 'ann@example.com', status: 'customer' });
    expect(orThrow(await links.stats(link.id, { workspaceId })).sales).toBe(1);
  });

  it('do not believe the payer where the source says so', async () => {
    const { body } = await api<{ id: string; path: string }>('POST', '/payment-sources', {
      provider: 'stripe',
      secret,
      payer_reference: 'ignored',
    });
    source = body;
    await people.see('user:ann', 1);
    await send(session());
    expect(await revenue()).toEqual([]);
  });

  it('of which one is at fault are no reason to leave the others', async () => {
    await people.see('user:ann', 1);
    const unnamed = eventOf('invoice.paid', { amount_paid: 5, currency: 'eur' });
    expect((await send(unnamed)).status).toBe(200);
    await send(session());
    expect(await messages()).toEqual([
      ['applied', null],
      ['failed', 'names_invalid'],
    ]);
  });

  it('tie a refund by the names that another message told', async () => {
    await people.see('user:ann', 1);
    await send(session({ invoice: 'in_1', payment_intent: null }));
    await send(refunded(4_900, 0));
    expect(await messages()).toContainEqual(['waiting', 'payment_unknown']);
    await send(
      eventOf('invoice_payment.paid', { invoice: 'in_1', payment: { payment_intent: 'pi_1' } }),
    );
    expect(await revenue()).toEqual([['EUR', 0]]);
  });

  it('count the money of somebody who was never seen, and of a visitor that is none', async () => {
    await send(session({ client_reference_id: 'stranger' }));
    expect(await revenue('stranger')).toEqual([['EUR', 4_900]]);
    await send(
      session({
        id: 'cs_2',
        payment_intent: 'pi_2',
        client_reference_id: 'hw_visitor_01980a4e-7b1c-7d3e-9f20-5b6c7d8e9fa0',
        customer: 'cus_2',
        customer_details: { email: 'bob@example.com' },
      }),
    );
    expect((await messages()).map(([status]) => status)).toEqual(['applied', 'applied']);
  });

  it('wait for what they belong to, and are given up after a month', async () => {
    await send(refunded(100, 0));
    for (let days = 0; days < 31; days += 1) {
      context.clock.moveBy(24 * hour);
      await applyDuePayments(context);
    }
    expect(await messages()).toEqual([['failed', 'payment_unknown']]);
  }, 60_000);

  it('that come twice at once are one sale', async () => {
    await people.see('user:ann', 1);
    const paid = session({ invoice: 'in_1' });
    const invoice = eventOf('invoice.paid', {
      id: 'in_1',
      amount_paid: 4_900,
      currency: 'eur',
      customer: 'cus_1',
      payment_intent: 'pi_1',
    });
    await Promise.all([send(paid), send(invoice), send(paid), send(invoice)]);
    context.clock.moveBy(hour);
    await applyDuePayments(context);
    expect(await revenue()).toEqual([['EUR', 4_900]]);
    expect((await messages()).map(([status]) => status)).toEqual(['applied', 'applied']);
  });

  it('are refused with a wrong signature, noted in another mode, and unknown elsewhere', async () => {
    expect(await send(session(), 'whsec_wrong')).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
    });
    await send({ ...session(), livemode: false });
    expect(await messages()).toEqual([['ignored', 'other_mode']]);
    await api('DELETE', `/payment-sources/${source.id}`);
    expect(await send(session())).toMatchObject({
      status: 404,
      body: { code: 'payment_source_not_found' },
    });
  });

  it('are not taken before there is a secret', async () => {
    const made = await api<{ id: string; path: string }>('POST', '/payment-sources', {
      provider: 'stripe',
    });
    source = made.body;
    expect((await send(session())).status).toBe(401);
    await api('POST', `/payment-sources/${source.id}/secrets`, { secret });
    expect((await send(session())).status).toBe(200);
  });

  it('are taken with the new secret, and for a day with the one before', async () => {
    const added = await api('POST', `/payment-sources/${source.id}/secrets`, {
      secret: 'whsec_new',
    });
    expect(added.status).toBe(200);
    expect((await send(eventOf('product.created', {}), 'whsec_new')).status).toBe(200);
    expect((await send(eventOf('product.created', {}))).status).toBe(200);
    context.clock.moveBy(24 * hour);
    expect((await send(eventOf('product.created', {}))).status).toBe(401);
    expect(JSON.stringify(added.body)).not.toContain('whsec');
  });

  it('leave nothing of somebody who was forgotten', async () => {
    const { visitorId } = await people.see('user:ann', 1);
    await send(session());
    const workspaceId = people.workspace.id;
    await people.hw.privacy.forget({ visitorId: visitorId! }, { workspaceId });
    for (const table of ['payment_message', 'payment_reference'] as const)
      expect(
        await context.database.db
          .selectFrom(table)
          .selectAll()
          .where('workspace_id', '=', workspaceId)
          .execute(),
      ).toEqual([]);
  });

  it('need a provider that is known and a secret', async () => {
    const refused = await api<{ errors: object }>('POST', '/payment-sources', {
      provider: 'paypal',
      secret: 'x',
    });
    expect([refused.status, refused.body.errors]).toEqual([
      422,
      { provider: ['must be one of stripe'] },
    ]);
  });
});
