import { answer, defineRoute } from '../http/route.ts';
import {
  createUtmTemplate,
  listUtmTemplates,
  removeUtmTemplate,
  updateUtmTemplate,
} from './manage-utm-templates.ts';
import {
  toUtmTemplateInput,
  toUtmTemplateResponse,
  utmTemplateIdParams,
  utmTemplateParams,
  utmTemplateResponse,
  utmTemplateUpdateParams,
} from './utm-template-schema.ts';

const list = defineRoute({
  method: 'get',
  path: '/utm-templates',
  operationId: 'listUtmTemplates',
  tag: 'Links',
  summary: 'The UTM templates, by name',
  scope: 'read',
  responses: { 200: { description: 'The templates', schema: utmTemplateResponse.array() } },
  async handle(context, workspace) {
    return answer(200, (await listUtmTemplates(context, workspace)).map(toUtmTemplateResponse));
  },
});

const create = defineRoute({
  method: 'post',
  path: '/utm-templates',
  operationId: 'createUtmTemplate',
  tag: 'Links',
  summary: 'Make a UTM template for new links',
  scope: 'write',
  body: utmTemplateParams,
  responses: { 201: { description: 'The template', schema: utmTemplateResponse } },
  refusals: ['validation_failed', 'utm_template_not_found', 'utm_template_name_taken'],
  async handle(context, workspace, { body, options }) {
    const input = { ...toUtmTemplateInput(body), name: body.name };
    const created = await createUtmTemplate(context, workspace, input, options);
    return created.ok ? answer(201, toUtmTemplateResponse(created.value)) : created;
  },
});

const update = defineRoute({
  method: 'patch',
  path: '/utm-templates/{id}',
  operationId: 'updateUtmTemplate',
  tag: 'Links',
  summary: 'Change a UTM template; links that exist stay as they are',
  scope: 'write',
  params: utmTemplateIdParams,
  body: utmTemplateUpdateParams,
  responses: { 200: { description: 'The template', schema: utmTemplateResponse } },
  refusals: ['validation_failed', 'utm_template_not_found', 'utm_template_name_taken'],
  async handle(context, workspace, { params, body, options }) {
    const input = toUtmTemplateInput(body);
    const updated = await updateUtmTemplate(context, workspace, params.id, input, options);
    return updated.ok ? answer(200, toUtmTemplateResponse(updated.value)) : updated;
  },
});

const remove = defineRoute({
  method: 'delete',
  path: '/utm-templates/{id}',
  operationId: 'deleteUtmTemplate',
  tag: 'Links',
  summary: 'Delete a UTM template',
  scope: 'write',
  params: utmTemplateIdParams,
  responses: { 204: { description: 'Deleted' } },
  refusals: ['utm_template_not_found'],
  async handle(context, workspace, { params, options }) {
    const removed = await removeUtmTemplate(context, workspace, params.id, options);
    return removed.ok ? answer(204) : removed;
  },
});

export const utmTemplateRoutes = [list, create, update, remove];
