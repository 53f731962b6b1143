import { exportStream, exportTypes } from '../http/export-stream.ts';
import { answer, defineRoute } from '../http/route.ts';
import { wireErrors } from '../invitations/invitation-schema.ts';
import { without } from '../kernel/without.ts';
import { findPlace } from './find-place.ts';
import type { WaitlistReference } from './find-place.ts';
import { inviteNext } from './invite-next.ts';
import { joinWaitlist } from './join-waitlist.ts';
import { leaveWaitlist } from './leave-waitlist.ts';
import { exportWaitlist, listWaitlist } from './list-waitlist.ts';
import {
  entryResponse,
  invitedResponse,
  inviteParams,
  joinParams,
  placedResponse,
  positionParams,
  toEntryResponse,
  toInvitedResponse,
  toInviteInput,
  toJoinInput,
  toPlacedResponse,
  waitlistExportQuery,
  waitlistIdParams,
  waitlistQuery,
  waitlistShape,
} from './waitlist-schema.ts';

const tag = 'Waitlist';

const join = defineRoute({
  method: 'post',
  path: '/waitlist',
  operationId: 'joinWaitlist',
  tag,
  summary: 'Put an address on the waitlist',
  description: 'Once: the same again answers the entry that is there, and counts for nobody.',
  scope: 'write',
  body: joinParams,
  responses: {
    201: { description: 'The entry and its place', schema: placedResponse },
    200: { description: 'The same that was there before', schema: placedResponse },
  },
  refusals: [
    'validation_failed',
    'rate_limited',
    'visitor_erased',
    'visitor_not_found',
    'too_old',
    'in_the_future',
  ],
  async handle(context, workspace, { body, options }) {
    const joined = await joinWaitlist(context, workspace, toJoinInput(body), options);
    if (!joined.ok) return joined;
    return answer(joined.value.repeated ? 200 : 201, toPlacedResponse(joined.value));
  },
});

const list = defineRoute({
  method: 'get',
  path: '/waitlist',
  operationId: 'listWaitlist',
  tag,
  summary: 'List the waitlist in the order in which people are invited',
  scope: 'read',
  query: waitlistQuery,
  responses: { 200: { description: 'The entries', schema: entryResponse.array(), paged: true } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const found = await listWaitlist(context, workspace, query);
    if (!found.ok) return found;
    return answer(200, found.value.entries.map(toEntryResponse), found.value);
  },
});

const exported = defineRoute({
  method: 'get',
  path: '/waitlist/export',
  operationId: 'exportWaitlist',
  tag,
  summary: 'The whole waitlist as CSV or NDJSON',
  scope: 'read',
  query: waitlistExportQuery,
  responses: {
    200: {
      description: 'The entries in the same order',
      contents: { [exportTypes.csv]: entryResponse, [exportTypes.ndjson]: entryResponse },
    },
  },
  async handle(context, workspace, { query: { format, status } }) {
    const pages = exportWaitlist(context, workspace, { status });
    return answer(200, undefined, {
      content: exportStream(format, waitlistShape, pages),
      headers: { 'content-type': exportTypes[format] },
    });
  },
});

const position = defineRoute({
  method: 'post',
  path: '/waitlist/position',
  operationId: 'getWaitlistPosition',
  tag,
  summary: 'Where somebody stands, by id, address or code',
  scope: 'read',
  body: positionParams,
  responses: { 200: { description: 'The entry and its place', schema: placedResponse } },
  refusals: ['waitlist_entry_not_found', 'rate_limited'],
  async handle(context, workspace, { body, options }) {
    const found = await findPlace(context, workspace, body as WaitlistReference, options);
    return found.ok ? answer(200, toPlacedResponse(found.value)) : found;
  },
});

const invite = defineRoute({
  method: 'post',
  path: '/waitlist/invite',
  operationId: 'inviteFromWaitlist',
  tag,
  summary: 'Invite those who come next, or whom you name',
  description: 'Each by an invitation of their own. The tokens are on this answer only.',
  scope: 'write',
  body: inviteParams,
  responses: { 200: { description: 'Who was invited', schema: invitedResponse } },
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
    const invited = await inviteNext(context, workspace, toInviteInput(body), options);
    if (!invited.ok)
      return invited.errors === undefined
        ? invited
        : { ...invited, errors: wireErrors(invited.errors) };
    const items = toInvitedResponse(invited.value, context.options.links?.scheme);
    // A replay is told everything but the secrets.
    const replayBody = items.map(({ entry, invitation }) => ({
      entry,
      invitation: without(invitation, 'token', 'signature'),
    }));
    return answer(200, items, { replayBody });
  },
});

const leave = defineRoute({
  method: 'delete',
  path: '/waitlist/{id}',
  operationId: 'leaveWaitlist',
  tag,
  summary: 'Take somebody off the waitlist',
  description: 'Address, name and metadata go.',
  scope: 'write',
  params: waitlistIdParams,
  responses: { 204: { description: 'They have left' } },
  refusals: ['waitlist_entry_not_found'],
  async handle(context, workspace, { params, options }) {
    const left = await leaveWaitlist(context, workspace, params, options);
    return left.ok ? answer(204) : left;
  },
});

export const waitlistRoutes = [join, list, exported, position, invite, leave];
