import { answer, defineRoute } from '../http/route.ts';
import { archiveProject } from './archive-project.ts';
import { createProject } from './create-project.ts';
import { getProject, projectNotFound, withCounts } from './get-project.ts';
import { listProjects } from './list-projects.ts';
import {
  projectParams,
  projectQuery,
  projectResponse,
  projectSlugParams,
  toProjectInput,
  toProjectResponse,
} from './project-schema.ts';

const create = defineRoute({
  method: 'post',
  path: '/projects',
  operationId: 'createProject',
  tag: 'Projects',
  summary: 'Create a project',
  scope: 'write',
  body: projectParams,
  responses: { 201: { description: 'The project', schema: projectResponse } },
  refusals: ['validation_failed', 'project_slug_taken'],
  async handle(context, workspace, { body, options }) {
    const created = await createProject(context, workspace, toProjectInput(body), options);
    if (!created.ok) return created;
    const [counted] = await withCounts(context, workspace, [created.value]);
    return answer(201, toProjectResponse(counted!));
  },
});

const list = defineRoute({
  method: 'get',
  path: '/projects',
  operationId: 'listProjects',
  tag: 'Projects',
  summary: 'List projects with their counters, newest first',
  scope: 'read',
  query: projectQuery,
  responses: { 200: { description: 'The projects', schema: projectResponse.array(), paged: true } },
  refusals: ['invalid_query'],
  async handle(context, workspace, { query }) {
    const found = await listProjects(context, workspace, query);
    return found.ok ? answer(200, found.value.projects.map(toProjectResponse), found.value) : found;
  },
});

const get = defineRoute({
  method: 'get',
  path: '/projects/{slug}',
  operationId: 'getProject',
  tag: 'Projects',
  summary: 'Get a project with its counters',
  scope: 'read',
  params: projectSlugParams,
  responses: { 200: { description: 'The project', schema: projectResponse } },
  refusals: ['project_not_found'],
  async handle(context, workspace, { params }) {
    const project = await getProject(context, workspace, params.slug);
    return project === undefined ? projectNotFound() : answer(200, toProjectResponse(project));
  },
});

const archive = defineRoute({
  method: 'delete',
  path: '/projects/{slug}',
  operationId: 'archiveProject',
  tag: 'Projects',
  summary: 'Archive a project',
  description: 'It takes no more events and keeps its numbers; its slug is free.',
  scope: 'write',
  params: projectSlugParams,
  responses: { 204: { description: 'Archived' } },
  refusals: ['project_not_found'],
  async handle(context, workspace, { params, options }) {
    const archived = await archiveProject(context, workspace, params.slug, options);
    return archived.ok ? answer(204) : archived;
  },
});

export const projectRoutes = [create, list, get, archive];
