import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import * as z from 'zod';

import { apiRoutes } from './api-routes.ts';
import { authenticationCodes } from './authentication.ts';
import { errorResponse } from './fields-schema.ts';
import { faultStatus, refusalStatus } from './refusal-codes.ts';
import type { Route, RouteResponse } from './route.ts';

type Responses = Parameters<typeof createRoute>[0]['responses'];
type Document = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

const statusTexts: Readonly<Record<number, string>> = {
  400: 'The body is no JSON',
  401: 'Credentials are missing or not valid',
  403: 'The credentials do not allow this',
  404: 'Not found in this workspace',
  409: 'In conflict with what is there',
  413: 'The body is too large',
  415: 'The body is no JSON by its type',
  422: 'A field breaks its rules',
  429: 'Too many requests; `Retry-After` has the seconds to wait',
  500: 'An internal error; its id leads to the log',
  503: 'Not available now, or authentication is not configured',
};

/** The OpenAPI 3.1 document of the REST API, made from the schemas that validate. */
export function openApiDocument(options: { readonly basePath: string }): Document {
  const api = new OpenAPIHono();
  for (const route of apiRoutes) api.openAPIRegistry.registerPath(describeRoute(route));
  const security = {
    type: 'http',
    scheme: 'bearer',
    description: 'A secret API key, `hw_sk_…`, or what the host takes',
  } as const;
  api.openAPIRegistry.registerComponent('securitySchemes', 'bearer', security);
  api.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'apiKey',
    in: 'header',
    name: 'X-Api-Key',
    description: 'The same without a scheme. Bearer wins where both are sent.',
  });
  return api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Headwater',
      version: '1',
      description:
        'Where each customer came from and what every source is worth. Lists are arrays; `X-Next-Cursor` and `Link` ' +
        'say where they go on. `*_cents` are minor units of the currency.',
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    servers: [{ url: `${options.basePath}/api` }],
    security: [{ bearer: [] }, { apiKey: [] }],
    tags: [
      { name: 'Events', description: 'What happened. Events of servers never create visitors.' },
      { name: 'Links', description: 'Short links and their counters.' },
      {
        name: 'Invitations',
        description: 'Tokens that let somebody in, and what was done with them.',
      },
      {
        name: 'Referrals',
        description: 'Codes that people tell one another, and who referred whom.',
      },
      { name: 'Visitors', description: 'Who came, and how we know.' },
      { name: 'Sessions', description: 'Visits: what people did between arriving and leaving.' },
      { name: 'Sources', description: 'Where arrivals come from, and why.' },
      {
        name: 'Projects',
        description: 'Registrations and conversions that servers tell of, and their counters.',
      },
      { name: 'Funnels', description: 'How far people come, step by step.' },
      { name: 'Attribution', description: 'What each source is worth, under any model, and why.' },
      { name: 'Workspace', description: 'The workspace of the credentials.' },
      { name: 'Domains', description: 'Hosts whose links the workspace serves.' },
      { name: 'API keys', description: 'Who may use the API, and for what.' },
      { name: 'Live', description: 'What happens, as it happens.' },
    ],
  });
}

function describeRoute(route: Route): ReturnType<typeof createRoute> {
  const body = route.documentedBody ?? route.body;
  const scoped = `Needs the scope \`${route.scope}\`.`;
  return createRoute({
    method: route.method,
    path: route.path,
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    description: route.description === undefined ? scoped : `${route.description}\n\n${scoped}`,
    request: {
      ...(route.params === undefined ? {} : { params: route.params }),
      ...(route.query === undefined ? {} : { query: route.query }),
      ...(route.method === 'get' ? {} : { headers: writeHeaders }),
      ...(route.headers === undefined ? {} : { headers: route.headers }),
      ...(body === undefined
        ? {}
        : {
            body: {
              required: route.emptyBody === undefined,
              content: { 'application/json': { schema: body } },
            },
          }),
    },
    responses: { ...describeAnswers(route), ...describeErrors(route) },
  });
}

const writeHeaders = z.object({
  'Idempotency-Key': z.string().min(1).max(255).optional().meta({
    description: 'Sent again with the same body, the write is done once and answered the same.',
    example: 'order-123',
  }),
});

const pageHeaders = z.object({
  'X-Next-Cursor': z
    .string()
    .optional()
    .meta({ description: 'The `cursor` of the next page; absent on the last' }),
  Link: z.string().optional().meta({ description: 'The next page, `rel="next"` (RFC 8288)' }),
});

function describeAnswers(route: Route): Responses {
  return Object.fromEntries(
    Object.entries(route.responses).map(([status, response]) => [status, describeAnswer(response)]),
  );
}

function describeAnswer(response: RouteResponse): Responses[string] {
  return {
    description: response.description,
    ...(response.paged === undefined ? {} : { headers: pageHeaders }),
    ...(response.contents === undefined
      ? {}
      : {
          content: Object.fromEntries(
            Object.entries(response.contents).map(([type, schema]) => [type, { schema }]),
          ),
        }),
    ...(response.schema === undefined
      ? {}
      : {
          content: {
            'application/json': {
              schema: response.schema,
              ...(response.example === undefined ? {} : { example: response.example }),
            },
          },
        }),
  };
}

/** Each status with the codes that it can carry here. */
function describeErrors(route: Route): Responses {
  return Object.fromEntries(
    [...Map.groupBy(codesOf(route), statusOf)].map(([status, codes]) => [
      status,
      {
        description: `${statusTexts[status] ?? 'Error'}: ${codes.map((code) => `\`${code}\``).join(', ')}`,
        content: { 'application/json': { schema: errorResponse } },
      },
    ]),
  );
}

/**
 * Every code that a route can answer with.
 * @public
 */
export function codesOf(route: Route): readonly string[] {
  const takesBody = route.body !== undefined;
  const writes = route.method !== 'get';
  const codes = [
    ...route.refusals,
    ...authenticationCodes,
    ...Object.keys(faultStatus),
    ...(route.params === undefined ? [] : ['not_found']),
    ...(route.query === undefined && route.headers === undefined && !writes
      ? []
      : ['validation_failed']),
    ...(takesBody ? ['malformed_json', 'body_too_large', 'unsupported_media_type'] : []),
    ...(writes ? ['idempotency_conflict'] : []),
  ];
  return [...new Set(codes)].sort();
}

function statusOf(code: string): number {
  return ({ ...refusalStatus, ...faultStatus } as Readonly<Record<string, number>>)[code] ?? 500;
}
