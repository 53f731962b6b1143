import { answer, defineRoute } from '../http/route.ts';
import { archiveLink } from './archive-link.ts';
import { createLink } from './create-link.ts';
import { drawLinkQrCode } from './draw-link-qr-code.ts';
import { getLink } from './get-link.ts';
import { linkClicks } from './link-clicks.ts';
import {
  clicksQuery,
  linkQuery,
  qrImages,
  qrParams,
  qrQuery,
  toListLinksInput,
} from './link-query-schema.ts';
import {
  clickResponse,
  linkIdParams,
  linkParams,
  linkPartParams,
  linkResponse,
  linkStatsResponse,
  linkUpdateParams,
  toClickResponse,
  toLinkChanges,
  toLinkInput,
  toLinkStatsResponse,
} from './link-schema.ts';
import { linkStats } from './link-stats.ts';
import { listLinks } from './list-links.ts';
import { presentLink, presentLinks } from './present-links.ts';
import { imageHeaders } from './qr-code.ts';
import { restoreLink } from './restore-link.ts';
import { linkNotFound, updateLink } from './update-link.ts';

const create = defineRoute({
  method: 'post',
  path: '/links',
  operationId: 'createLink',
  tag: 'Links',
  summary: 'Create a short link',
  scope: 'write',
  body: linkParams,
  responses: { 201: { description: 'The link', schema: linkResponse } },
  refusals: ['invalid_link', 'link_key_taken', 'external_id_taken'],
  async handle(context, workspace, { body, options }) {
    const created = await createLink(context, workspace, toLinkInput(body), options);
    return created.ok ? answer(201, await presentLink(context, workspace, created.value)) : created;
  },
});

const list = defineRoute({
  method: 'get',
  path: '/links',
  operationId: 'listLinks',
  tag: 'Links',
  summary: 'List links, newest first unless another order is asked for',
  scope: 'read',
  query: linkQuery,
  responses: { 200: { description: 'The links', schema: linkResponse.array(), paged: true } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const found = await listLinks(context, workspace, toListLinksInput(query));
    if (!found.ok) return found;
    const { links, nextCursor } = found.value;
    return answer(200, await presentLinks(context, workspace, links), { nextCursor });
  },
});

const get = defineRoute({
  method: 'get',
  path: '/links/{id}',
  operationId: 'getLink',
  tag: 'Links',
  summary: 'Get a link, archived or not',
  scope: 'read',
  params: linkIdParams,
  responses: { 200: { description: 'The link', schema: linkResponse } },
  refusals: ['link_not_found'],
  async handle(context, workspace, { params }) {
    const link = await getLink(context, workspace, params.id);
    return link === undefined
      ? linkNotFound()
      : answer(200, await presentLink(context, workspace, link));
  },
});

const update = {
  path: '/links/{id}',
  tag: 'Links',
  scope: 'write',
  params: linkIdParams,
  body: linkUpdateParams,
  responses: { 200: { description: 'The link', schema: linkResponse } },
  refusals: ['link_not_found', 'invalid_link', 'external_id_taken', 'link_archived'],
} as const;

const patch = defineRoute({
  ...update,
  method: 'patch',
  operationId: 'updateLink',
  summary: 'Change a link',
  async handle(context, workspace, { params, body, options }) {
    const changed = await updateLink(context, workspace, params.id, toLinkChanges(body), options);
    return changed.ok ? answer(200, await presentLink(context, workspace, changed.value)) : changed;
  },
});

const put = defineRoute({
  ...update,
  method: 'put',
  operationId: 'updateLinkByPut',
  summary: 'Change a link, the same as PATCH',
  async handle(context, workspace, { params, body, options }) {
    const changed = await updateLink(context, workspace, params.id, toLinkChanges(body), options);
    return changed.ok ? answer(200, await presentLink(context, workspace, changed.value)) : changed;
  },
});

const archive = defineRoute({
  method: 'delete',
  path: '/links/{id}',
  operationId: 'archiveLink',
  tag: 'Links',
  summary: 'Archive a link',
  description: 'Its domain and key are free for another link; its counters stay.',
  scope: 'write',
  params: linkIdParams,
  responses: { 204: { description: 'Archived' } },
  refusals: ['link_not_found'],
  async handle(context, workspace, { params, options }) {
    const archived = await archiveLink(context, workspace, params.id, options);
    return archived.ok ? answer(204) : archived;
  },
});

const restore = defineRoute({
  method: 'post',
  path: '/links/{id}/restore',
  operationId: 'restoreLink',
  tag: 'Links',
  summary: 'Put an archived link back into service',
  description: 'Refused where another link has taken its key or its external id meanwhile.',
  scope: 'write',
  params: linkIdParams,
  responses: { 200: { description: 'The link', schema: linkResponse } },
  refusals: ['link_not_found', 'link_key_taken', 'external_id_taken'],
  async handle(context, workspace, { params, options }) {
    const restored = await restoreLink(context, workspace, params.id, options);
    return restored.ok
      ? answer(200, await presentLink(context, workspace, restored.value))
      : restored;
  },
});

const qrCode = defineRoute({
  method: 'get',
  path: '/links/{id}/qr',
  operationId: 'getLinkQrCode',
  tag: 'Links',
  summary: 'The QR code of a link',
  description:
    'The same as `/{key}/qr` on the domain of the link, also where that is not served yet. A scan is a click with the property `qr`.',
  scope: 'read',
  params: linkIdParams,
  query: qrQuery,
  responses: {
    200: {
      description: 'The image',
      contents: qrImages,
    },
  },
  refusals: ['link_not_found', 'validation_failed'],
  async handle(context, workspace, { params, query }) {
    const drawn = await drawLinkQrCode(context, workspace, params.id, query);
    if (!drawn.ok) return drawn;
    const { body: content, contentType } = drawn.value;
    const headers = { 'content-type': contentType, ...Object.fromEntries(imageHeaders) };
    return answer(200, undefined, { content, headers });
  },
});

const qrCodeWithLogo = defineRoute({
  method: 'post',
  path: '/links/{id}/qr',
  operationId: 'drawLinkQrCode',
  tag: 'Links',
  summary: 'The QR code of a link with a logo in it',
  description: 'The logo is part of the request: nothing is fetched, and nothing is kept.',
  scope: 'read',
  params: linkIdParams,
  body: qrParams,
  responses: { 200: { description: 'The image', contents: qrImages } },
  refusals: ['link_not_found', 'validation_failed'],
  // It changes nothing, so there is no answer to keep.
  idempotency: 'event',
  async handle(context, workspace, { params, body }) {
    const { logo, logo_size: logoSize, ...options } = body;
    const drawn = await drawLinkQrCode(context, workspace, params.id, {
      ...options,
      logo: logo === undefined ? undefined : Buffer.from(logo, 'base64'),
      logoSize,
    });
    if (!drawn.ok) return drawn;
    const { body: content, contentType } = drawn.value;
    const headers = {
      'content-type': contentType,
      ...Object.fromEntries(imageHeaders),
      // The logo stands in the image itself.
      'content-security-policy': `${policy}; img-src data:`,
    };
    return answer(200, undefined, { content, headers });
  },
});

const stats = defineRoute({
  method: 'get',
  path: '/links/{link_id}/stats',
  operationId: 'getLinkStats',
  tag: 'Links',
  summary: 'The counters of a link',
  scope: 'read',
  params: linkPartParams,
  responses: { 200: { description: 'The counters', schema: linkStatsResponse } },
  refusals: ['link_not_found'],
  async handle(context, workspace, { params }) {
    const found = await linkStats(context, workspace, params.link_id);
    return found.ok ? answer(200, toLinkStatsResponse(found.value)) : found;
  },
});

const clicks = defineRoute({
  method: 'get',
  path: '/links/{link_id}/clicks',
  operationId: 'getLinkClicks',
  tag: 'Links',
  summary: 'The clicks of a link, newest first',
  scope: 'read',
  params: linkPartParams,
  query: clicksQuery,
  responses: { 200: { description: 'The clicks', schema: clickResponse.array(), paged: true } },
  refusals: ['link_not_found', 'invalid_query'],
  async handle(context, workspace, { params, query }) {
    const machines = query.machines === 'true';
    const found = await linkClicks(context, workspace, params.link_id, { ...query, machines });
    if (!found.ok) return found;
    return answer(200, found.value.clicks.map(toClickResponse), found.value);
  },
});

const policy = imageHeaders.find(([name]) => name === 'content-security-policy')![1];

export const linkRoutes = [
  create,
  list,
  get,
  patch,
  put,
  archive,
  restore,
  qrCode,
  qrCodeWithLogo,
  stats,
  clicks,
];
