import { answer, defineRoute } from '../http/route.ts';
import { renameFields } from '../kernel/validation.ts';
import { addCoupon, archiveCoupon, listCoupons } from './change-coupon.ts';
import { archivePartner, createPartner, partnerNotFound, updatePartner } from './change-partner.ts';
import { getPartner, listPartners } from './get-partner.ts';
import { partnerOverview, partnersOfPerson } from './partner-overview.ts';
import {
  couponIdParams,
  couponParams,
  couponResponse,
  overviewResponse,
  partnerFieldNames,
  partnerIdParams,
  partnerParams,
  partnerQuery,
  partnerResponse,
  partnersOfVisitorResponse,
  partnerUpdateParams,
  toCouponResponse,
  toListPartnersInput,
  tokenParams,
  tokenResponse,
  toOverviewResponse,
  toPartnerFields,
  toPartnerInput,
  toPartnerResponse,
  toTokenResponse,
} from './partner-schema.ts';
import { createPartnerToken, endPartnerTokens } from './partner-token.ts';

const tag = 'Partners';

const create = defineRoute({
  method: 'post',
  path: '/partners',
  operationId: 'createPartner',
  tag,
  summary: 'Make a partner, who earns on referral links',
  scope: 'write',
  body: partnerParams,
  responses: { 201: { description: 'The partner', schema: partnerResponse } },
  refusals: [
    'validation_failed',
    'partner_key_taken',
    'external_id_taken',
    'visitor_erased',
    'visitor_not_found',
  ],
  async handle(context, workspace, { body, options }) {
    const made = await createPartner(context, workspace, toPartnerInput(body), options);
    return made.ok
      ? answer(201, toPartnerResponse(made.value))
      : renameFields(made, partnerFieldNames);
  },
});

const list = defineRoute({
  method: 'get',
  path: '/partners',
  operationId: 'listPartners',
  tag,
  summary: 'Partners, newest first; without the archived ones, unless they are asked for',
  scope: 'read',
  query: partnerQuery,
  responses: { 200: { description: 'The partners', schema: partnerResponse.array(), paged: true } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const found = await listPartners(context, workspace, toListPartnersInput(query));
    return found.ok
      ? answer(200, found.value.partners.map(toPartnerResponse), found.value)
      : renameFields(found, partnerFieldNames);
  },
});

const get = defineRoute({
  method: 'get',
  path: '/partners/{id}',
  operationId: 'getPartner',
  tag,
  summary: 'Get a partner, archived or not',
  scope: 'read',
  params: partnerIdParams,
  responses: { 200: { description: 'The partner', schema: partnerResponse } },
  refusals: ['partner_not_found'],
  async handle(context, workspace, { params }) {
    const found = await getPartner(context, workspace, params.id);
    return found === undefined ? partnerNotFound() : answer(200, toPartnerResponse(found));
  },
});

/** PATCH and PUT are one, as in GoodAnalytics. */
const updates = (['patch', 'put'] as const).map((method) =>
  defineRoute({
    method,
    path: '/partners/{id}',
    operationId: method === 'patch' ? 'updatePartner' : 'replacePartner',
    tag,
    summary: 'Change what is given of a partner; the key stays',
    scope: 'write',
    params: partnerIdParams,
    body: partnerUpdateParams,
    responses: { 200: { description: 'The partner', schema: partnerResponse } },
    refusals: [
      'validation_failed',
      'partner_not_found',
      'partner_archived',
      'external_id_taken',
      'visitor_erased',
      'visitor_not_found',
    ],
    async handle(context, workspace, { params, body, options }) {
      const fields = toPartnerFields(body);
      const changed = await updatePartner(context, workspace, params.id, fields, options);
      return changed.ok
        ? answer(200, toPartnerResponse(changed.value))
        : renameFields(changed, partnerFieldNames);
    },
  }),
);

const archive = defineRoute({
  method: 'delete',
  path: '/partners/{id}',
  operationId: 'archivePartner',
  tag,
  summary: 'End a partner and free the key; what was earned stays',
  scope: 'write',
  params: partnerIdParams,
  responses: { 204: { description: 'Ended' } },
  refusals: ['partner_not_found'],
  async handle(context, workspace, { params, options }) {
    const archived = await archivePartner(context, workspace, params.id, options);
    return archived.ok ? answer(204) : archived;
  },
});

const overview = defineRoute({
  method: 'get',
  path: '/partners/{id}/overview',
  operationId: 'getPartnerOverview',
  tag,
  summary: 'What a partner sees: links, clicks, referrals and earnings',
  scope: 'read',
  params: partnerIdParams,
  responses: { 200: { description: 'What there is now', schema: overviewResponse } },
  refusals: ['partner_not_found'],
  async handle(context, workspace, { params }) {
    const partner = await getPartner(context, workspace, params.id);
    if (partner === undefined) return partnerNotFound();
    return answer(200, toOverviewResponse(await partnerOverview(context, workspace, partner)));
  },
});

const coupons = defineRoute({
  method: 'get',
  path: '/partners/{id}/coupons',
  operationId: 'listPartnerCoupons',
  tag,
  summary: 'The coupons of a partner, newest first',
  scope: 'read',
  params: partnerIdParams,
  responses: { 200: { description: 'The coupons', schema: couponResponse.array() } },
  async handle(context, workspace, { params }) {
    const found = await listCoupons(context, workspace, params.id);
    return answer(200, found.map(toCouponResponse));
  },
});

const coupon = defineRoute({
  method: 'post',
  path: '/partners/{id}/coupons',
  operationId: 'addPartnerCoupon',
  tag,
  summary: 'Give a partner a coupon: sales that are told with it are theirs',
  scope: 'write',
  params: partnerIdParams,
  body: couponParams,
  responses: { 201: { description: 'The coupon', schema: couponResponse } },
  refusals: ['validation_failed', 'partner_not_found', 'partner_archived', 'coupon_taken'],
  async handle(context, workspace, { params, body, options }) {
    const made = await addCoupon(context, workspace, params.id, body.code, options);
    return made.ok ? answer(201, toCouponResponse(made.value)) : made;
  },
});

const endCoupon = defineRoute({
  method: 'delete',
  path: '/partners/{id}/coupons/{coupon_id}',
  operationId: 'archivePartnerCoupon',
  tag,
  summary: 'End a coupon and free its code',
  scope: 'write',
  params: couponIdParams,
  responses: { 204: { description: 'Ended' } },
  refusals: ['coupon_not_found'],
  async handle(context, workspace, { params, options }) {
    const ended = await archiveCoupon(context, workspace, params.id, params.coupon_id, options);
    return ended.ok ? answer(204) : ended;
  },
});

const token = defineRoute({
  method: 'post',
  path: '/partners/{id}/tokens',
  operationId: 'createPartnerToken',
  tag,
  summary: 'Make a token by which a partner sees what is theirs, and nothing else',
  scope: 'write',
  params: partnerIdParams,
  body: tokenParams,
  emptyBody: {},
  responses: { 201: { description: 'The token', schema: tokenResponse } },
  refusals: ['validation_failed', 'partner_not_found'],
  async handle(context, workspace, { params, body }) {
    const expiresIn = body.expires_in === undefined ? undefined : { seconds: body.expires_in };
    const made = await createPartnerToken(context, workspace, params.id, { expiresIn });
    if (!made.ok) return renameFields(made, partnerFieldNames);
    const told = toTokenResponse(made.value, context.options.basePath ?? '/hw');
    return answer(201, told, { replayBody: { ...told, token: null, url: null } });
  },
});

const endTokens = defineRoute({
  method: 'delete',
  path: '/partners/{id}/tokens',
  operationId: 'endPartnerTokens',
  tag,
  summary: 'End every token of a partner',
  scope: 'write',
  params: partnerIdParams,
  responses: { 204: { description: 'Ended' } },
  refusals: ['partner_not_found'],
  async handle(context, workspace, { params, options }) {
    const ended = await endPartnerTokens(context, workspace, params.id, options);
    return ended.ok ? answer(204) : ended;
  },
});

const ofVisitor = defineRoute({
  method: 'get',
  path: '/visitors/{id}/partners',
  operationId: 'getPartnersOfVisitor',
  tag,
  summary: 'The first and the last partner who has brought a person',
  scope: 'read',
  params: partnerIdParams,
  responses: { 200: { description: '`null` where none has', schema: partnersOfVisitorResponse } },
  async handle(context, workspace, { params }) {
    const found = await partnersOfPerson(context, workspace, params.id);
    const show = (one: NonNullable<typeof found>['first'] | undefined) =>
      one === undefined
        ? null
        : {
            partner_id: one.partnerId,
            link_id: one.linkId,
            touch_id: one.touchId,
            at: one.at.toISOString(),
          };
    return answer(200, { first: show(found?.first), last: show(found?.last) });
  },
});

export const partnerRoutes = [
  create,
  list,
  get,
  ...updates,
  archive,
  overview,
  coupons,
  coupon,
  endCoupon,
  token,
  endTokens,
  ofVisitor,
];
