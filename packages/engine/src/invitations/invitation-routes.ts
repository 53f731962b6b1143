import type { Context } from '../context.ts';
import { answer, defineRoute } from '../http/route.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { without } from '../kernel/without.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { archiveInvitation } from './archive-invitation.ts';
import { extendInvitation, removeInvitationExpiry, setInvitationExpiry } from './change-expiry.ts';
import type { NoExpiry } from './change-expiry.ts';
import { invitationNotFound } from './change-invitation.ts';
import type { InvitationNotFound } from './change-invitation.ts';
import { changeInvitationStatus } from './change-status.ts';
import { cleanUpInvitations } from './clean-up-invitations.ts';
import { createInvitation } from './create-invitation.ts';
import type { CreatedInvitation } from './create-invitation.ts';
import { createInvitations } from './create-invitations.ts';
import { getInvitation } from './get-invitation.ts';
import {
  cleanUpParams,
  cleanUpResponse,
  createdInvitationResponse,
  expiryParams,
  invitationBulkParams,
  invitationBulkResponse,
  invitationIdParams,
  invitationParams,
  invitationQuery,
  invitationResponse,
  invitationUpdateParams,
  renewParams,
  toBulkItem,
  toCreatedInvitationResponse,
  toInvitationChanges,
  toInvitationInput,
  toInvitationResponse,
  toListInvitationsInput,
  validateParams,
  wireErrors,
} from './invitation-schema.ts';
import type { Invitation } from './invitation.ts';
import { listInvitations } from './list-invitations.ts';
import { renewInvitation } from './renew-invitation.ts';
import { updateInvitation } from './update-invitation.ts';
import { validateInvitation } from './validate-invitation.ts';

const tag = 'Invitations';

const create = defineRoute({
  method: 'post',
  path: '/invitations',
  operationId: 'createInvitation',
  tag,
  summary: 'Create an invitation',
  description: 'The token is on this answer and can never be read again.',
  scope: 'write',
  body: invitationParams,
  responses: { 201: { description: 'The invitation', schema: createdInvitationResponse } },
  refusals: [
    'validation_failed',
    'token_required',
    'token_taken',
    'no_signing_secret',
    'too_many_token_attempts',
    'invalid_link',
    'link_key_taken',
    'external_id_taken',
  ],
  async handle(context, workspace, { body, options }) {
    const created = await createInvitation(context, workspace, toInvitationInput(body), options);
    return created.ok ? answerOnce(context, 201, created.value) : onWire(created);
  },
});

const createBulk = defineRoute({
  method: 'post',
  path: '/invitations/bulk',
  operationId: 'createInvitations',
  tag,
  summary: 'Create up to 500 invitations; each has its own answer',
  scope: 'write',
  body: invitationBulkParams,
  responses: { 207: { description: 'In the same order', schema: invitationBulkResponse } },
  refusals: ['validation_failed'],
  async handle(context, workspace, { body, options }) {
    const inputs = body.invitations.map(toInvitationInput);
    const created = await createInvitations(context, workspace, inputs, options);
    if (!created.ok) return created;
    const { scheme } = context.options.links ?? {};
    const items = created.value.map((each) => toBulkItem(each, scheme));
    const replayBody = items.map((item) =>
      item.invitation === undefined ? item : { ...item, invitation: withoutToken(item.invitation) },
    );
    return answer(207, items, { replayBody });
  },
});

const list = defineRoute({
  method: 'get',
  path: '/invitations',
  operationId: 'listInvitations',
  tag,
  summary: 'List invitations, newest first',
  scope: 'read',
  query: invitationQuery,
  responses: {
    200: { description: 'The invitations', schema: invitationResponse.array(), paged: true },
  },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const found = await listInvitations(context, workspace, toListInvitationsInput(query));
    if (!found.ok) return found;
    const { invitations, nextCursor } = found.value;
    return answer(200, invitations.map(toInvitationResponse), { nextCursor });
  },
});

const validate = defineRoute({
  method: 'post',
  path: '/invitations/validate',
  operationId: 'validateInvitation',
  tag,
  summary: 'The invitation of a token, if it lets somebody in now',
  description: 'Never consumes. What the public is told should be one sentence for every refusal.',
  scope: 'read',
  body: validateParams,
  responses: { 200: { description: 'The invitation', schema: invitationResponse } },
  refusals: [
    'rate_limited',
    'invalid_token',
    'invalid_signature',
    'invitation_revoked',
    'invitation_declined',
    'invitation_paused',
    'invitation_expired',
    'invitation_exhausted',
  ],
  async handle(context, workspace, { body, options }) {
    const valid = await validateInvitation(context, workspace, body, options);
    return valid.ok ? answer(200, toInvitationResponse(valid.value)) : valid;
  },
});

const cleanUp = defineRoute({
  method: 'post',
  path: '/invitations/cleanup',
  operationId: 'cleanUpInvitations',
  tag,
  summary: 'Archive what has been expired for so long, 30 days where nothing is said',
  scope: 'write',
  body: cleanUpParams,
  emptyBody: {},
  responses: { 200: { description: 'How many', schema: cleanUpResponse } },
  refusals: ['validation_failed'],
  async handle(context, workspace, { body, options }) {
    const input = { expiredFor: body.expired_for };
    const cleaned = await cleanUpInvitations(context, workspace, input, options);
    return cleaned.ok ? answer(200, cleaned.value) : onWire(cleaned);
  },
});

const get = defineRoute({
  method: 'get',
  path: '/invitations/{id}',
  operationId: 'getInvitation',
  tag,
  summary: 'Get an invitation, archived or not',
  scope: 'read',
  params: invitationIdParams,
  responses: { 200: { description: 'The invitation', schema: invitationResponse } },
  refusals: ['invitation_not_found'],
  async handle(context, workspace, { params }) {
    const found = await getInvitation(context, workspace, params.id);
    return found === undefined ? invitationNotFound() : answer(200, toInvitationResponse(found));
  },
});

const update = defineRoute({
  method: 'patch',
  path: '/invitations/{id}',
  operationId: 'updateInvitation',
  tag,
  summary: 'Change name, description, attributes or seats',
  scope: 'write',
  params: invitationIdParams,
  body: invitationUpdateParams,
  responses: { 200: { description: 'The invitation', schema: invitationResponse } },
  refusals: ['invitation_not_found', 'validation_failed'],
  async handle(context, workspace, { params, body, options }) {
    const changes = toInvitationChanges(body);
    const changed = await updateInvitation(context, workspace, params.id, changes, options);
    return changed.ok ? answer(200, toInvitationResponse(changed.value)) : onWire(changed);
  },
});

const archive = defineRoute({
  method: 'delete',
  path: '/invitations/{id}',
  operationId: 'archiveInvitation',
  tag,
  summary: 'Archive an invitation',
  description: 'Nobody is let in by its token any more; usages and redemptions stay.',
  scope: 'write',
  params: invitationIdParams,
  responses: { 204: { description: 'Archived' } },
  refusals: ['invitation_not_found'],
  async handle(context, workspace, { params, options }) {
    const archived = await archiveInvitation(context, workspace, params.id, options);
    return archived.ok ? answer(204) : archived;
  },
});

const expiry = defineRoute({
  method: 'post',
  path: '/invitations/{id}/expiry',
  operationId: 'changeInvitationExpiry',
  tag,
  summary: 'Extend, set or remove the end of an invitation',
  scope: 'write',
  params: invitationIdParams,
  body: expiryParams,
  responses: { 200: { description: 'The invitation', schema: invitationResponse } },
  refusals: ['invitation_not_found', 'no_expiry', 'validation_failed'],
  async handle(context, workspace, { params, body, options }) {
    const changed = await changeExpiry();
    return changed.ok ? answer(200, toInvitationResponse(changed.value)) : onWire(changed);

    function changeExpiry(): Promise<
      Result<Invitation, InvitationNotFound | NoExpiry | ValidationRefusal>
    > {
      const { id } = params;
      if ('extend_by' in body) {
        const extending = { ...options, from: body.from };
        return extendInvitation(context, workspace, id, body.extend_by, extending);
      }
      if ('expires_in' in body)
        return setInvitationExpiry(context, workspace, id, { in: body.expires_in }, options);
      return body.expires_at === null
        ? removeInvitationExpiry(context, workspace, id, options)
        : setInvitationExpiry(context, workspace, id, body.expires_at, options);
    }
  },
});

const statusOf = {
  pause: 'paused',
  resume: 'active',
  revoke: 'revoked',
  decline: 'declined',
} as const;
const summaryOf = {
  pause: 'Let nobody in until it is resumed',
  resume: 'Let people in again',
  revoke: 'Let nobody in any more',
  decline: 'The one who is invited says no',
} as const;

const changesOfStatus = (['pause', 'resume', 'revoke', 'decline'] as const).map((verb) =>
  defineRoute({
    method: 'post',
    path: `/invitations/{id}/${verb}`,
    operationId: `${verb}Invitation`,
    tag,
    summary: summaryOf[verb],
    scope: 'write',
    params: invitationIdParams,
    responses: { 200: { description: 'The invitation', schema: invitationResponse } },
    refusals: ['invitation_not_found', 'invitation_revoked', 'invitation_declined'],
    async handle(context, workspace, { params, options }) {
      const status = statusOf[verb];
      const changed = await changeInvitationStatus(context, workspace, params.id, status, options);
      return changed.ok ? answer(200, toInvitationResponse(changed.value)) : changed;
    },
  }),
);

const renew = defineRoute({
  method: 'post',
  path: '/invitations/{id}/renew',
  operationId: 'renewInvitation',
  tag,
  summary: 'Give an invitation a new token, to send it again',
  description: 'The token is on this answer only; the old one lets nobody in any more.',
  scope: 'write',
  params: invitationIdParams,
  body: renewParams,
  emptyBody: {},
  responses: { 200: { description: 'The invitation', schema: createdInvitationResponse } },
  refusals: [
    'invitation_not_found',
    'invitation_revoked',
    'invitation_declined',
    'validation_failed',
  ],
  async handle(context, workspace, { params, body, options }) {
    const input = { expiresIn: body.expires_in };
    const renewed = await renewInvitation(context, workspace, params.id, input, options);
    return renewed.ok ? answerOnce(context, 200, renewed.value) : onWire(renewed);
  },
});

export const invitationRoutes = [
  create,
  createBulk,
  list,
  validate,
  cleanUp,
  get,
  update,
  archive,
  expiry,
  ...changesOfStatus,
  renew,
];

/** A replay is told everything but the secrets. */
function answerOnce(context: Context, status: number, invitation: CreatedInvitation) {
  const body = toCreatedInvitationResponse(invitation, context.options.links?.scheme);
  return answer(status, body, { replayBody: withoutToken(body) });
}

function withoutToken<T extends { token: string; signature: string | null }>(body: T) {
  return without(body, 'token', 'signature');
}

/** The fields of a refusal under their names on the wire. */
function onWire<R extends Refusal>(refusal: R): Exclude<Result<never, R>, { ok: true }> {
  const named =
    refusal.errors === undefined ? refusal : { ...refusal, errors: wireErrors(refusal.errors) };
  return named as Exclude<Result<never, R>, { ok: true }>;
}
