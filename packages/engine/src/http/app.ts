import { Hono } from 'hono';
import type { Context as HonoContext } from 'hono';
import type * as z from 'zod';

import type { Context } from '../context.ts';
import { fieldName, findJsonProblem } from '../kernel/json-limits.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Network } from '../limits/rate-limit.ts';
import { answerRead } from './answer-report.ts';
import { apiRoutes } from './api-routes.ts';
import type { TelemetrySpan } from '../telemetry/telemetry.ts';
import { authenticate } from './authentication.ts';
import { createBrowserScripts } from './browser-scripts.ts';
import { answerFault, answerRefusal, refuseZod } from './errors.ts';
import { readIdempotencyKey, resumeOnce, writeOnce } from './idempotency.ts';
import { issueMessage } from './issue-message.ts';
import { receivePayment } from '../payments/receive-payment.ts';
import { answerPartner } from '../partners/answer-partner.ts';
import { readJsonBody } from './json-body.ts';
import { openApiDocument } from './openapi.ts';
import { pageHeaders } from './pagination.ts';
import type { RefusalCode } from './refusal-codes.ts';
import type { Answer, Route } from './route.ts';
import { answerTlsAsk } from './tls-ask.ts';

/** What the engine knows of a request beside itself. */
export interface AppBindings {
  readonly network?: Network;
}

type AppContext = HonoContext<{ Bindings: AppBindings }>;

type Answered = Result<Answer, Refusal & { readonly code: RefusalCode }>;

/** One megabyte: a hundred events with all that they may hold. */
const bytesMaxDefault = 1024 * 1024;

/** The REST API and its description, below the base path. */
export function createApp(context: Context): Hono<{ Bindings: AppBindings }> {
  const basePath = context.options.basePath ?? '/hw';
  const app = new Hono<{ Bindings: AppBindings }>({ strict: false });
  for (const route of apiRoutes) {
    const template = `${basePath}/api${route.path}`;
    const path = template.replace(/\{(\w+)\}/g, ':$1');
    app.on(route.method.toUpperCase(), path, (c) => respondTraced(c, context, { route, template }));
  }
  const document = JSON.stringify(openApiDocument({ basePath }));
  // Pages of every site may read what is no secret, without credentials.
  app.get(
    `${basePath}/openapi.json`,
    (c) =>
      tooManyQuestions(c, context) ??
      c.body(document, 200, {
        'content-type': 'application/json',
        'access-control-allow-origin': '*',
        'cache-control': 'public, max-age=300',
      }),
  );
  const answerScript = createBrowserScripts();
  app.get(
    `${basePath}/js/:name`,
    async (c) => (await answerScript(c.req.param('name'), c.req.raw.headers)) ?? c.notFound(),
  );
  app.get(
    `${basePath}/tls/ask`,
    (c) => tooManyQuestions(c, context) ?? answerTlsAsk(context, c.req.query('domain')),
  );
  app.get(`${basePath}/partner`, (c) => showPartner(c, context, 'page'));
  app.get(`${basePath}/partner/data`, (c) => showPartner(c, context, 'data'));
  app.post(`${basePath}/payments/:workspace/:source`, (c) => takePayment(c, context));
  app.notFound(() =>
    toResponse(answerRefusal(refuse('not_found', 'There is nothing at this address'))),
  );
  app.onError((error) => fault(context, error));
  return app;
}

function tooManyQuestions(c: AppContext, context: Context): Response | undefined {
  const limited = context.limiter.take('questions', networkOf(c));
  return limited && toResponse(answerRefusal(limited));
}

/** Not of the API: a partner has a token of their own, in the address of the page or as a bearer. */
async function showPartner(
  c: AppContext,
  context: Context,
  as: 'page' | 'data',
): Promise<Response> {
  try {
    const limited = tooManyQuestions(c, context);
    if (limited !== undefined) return limited;
    const bearer = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    const token = (as === 'page' ? c.req.query('token') : bearer) ?? '';
    const { status, headers, body } = await answerPartner(context, token, as);
    return c.body(body, status, headers);
  } catch (error) {
    return fault(context, error);
  }
}

/** Not of the API: the provider's signature stands in the place of a key, and its body counts to the byte. */
async function takePayment(c: AppContext, context: Context): Promise<Response> {
  try {
    const read = await readJsonBody(c.req.raw, bytesMaxDefault);
    if (!read.ok) return toResponse(answerRefusal(read));
    const { workspace: workspaceId = '', source: sourceId = '' } = c.req.param() as Record<
      string,
      string
    >;
    // A provider's bursts come from few addresses, so only who gets the signature wrong is limited.
    const received = await context.guardCredential(
      { network: networkOf(c), credential: `payments:${sourceId}` },
      () =>
        receivePayment(
          context,
          { workspaceId, sourceId },
          {
            headers: Object.fromEntries(c.req.raw.headers),
            text: Buffer.from(read.value.bytes).toString('utf8'),
          },
        ),
    );
    return toResponse(
      received.ok ? { status: 200, body: received.value } : answerRefusal(received),
    );
  } catch (error) {
    return fault(context, error);
  }
}

/** Hono has no bindings where it is called without them. */
function networkOf(c: AppContext): Network {
  return (c.env as AppBindings | undefined)?.network;
}

/** Named by the route: an address may hold what somebody is called. */
function respondTraced(
  c: AppContext,
  context: Context,
  { route, template }: { readonly route: Route; readonly template: string },
): Promise<Response> {
  const method = route.method.toUpperCase();
  const attributes = { 'http.request.method': method, 'http.route': template };
  return context.telemetry.within(
    `${method} ${template}`,
    { kind: 'server', attributes, traceparent: c.req.header('traceparent') },
    async (span) => {
      const response = await respond(c, context, route, span);
      span.note({ 'http.response.status_code': response.status });
      if (response.status >= 500) span.fail();
      return response;
    },
  );
}

async function respond(
  c: AppContext,
  context: Context,
  route: Route,
  span: TelemetrySpan,
): Promise<Response> {
  try {
    const answered = await run(c, context, route, span);
    if (!answered.ok) return toResponse(answerRefusal(answered));
    const { status, body, content, headers, nextCursor } = answered.value;
    return toResponse({
      status,
      body,
      content,
      headers: { ...headers, ...pageHeaders(c.req.url, nextCursor) },
    });
  } catch (error) {
    return fault(context, error);
  }
}

/** Who asks, what they say, whether it was said before: then the use case. */
async function run(
  c: AppContext,
  engine: Context,
  route: Route,
  span: TelemetrySpan,
): Promise<Answered> {
  const caller = await authenticate(
    engine,
    { request: c.req.raw, network: networkOf(c) },
    route.scope,
  );
  if (!caller.ok) return caller;
  const { workspace, actor } = caller.value;
  const context: Context = { ...engine, actor };
  span.note({ 'headwater.workspace_id': workspace.id });
  const limited = route.limit && context.limiter.take(route.limit, actor ?? workspace.id);
  if (limited !== undefined) return limited;

  const params = parseTexts(route.params, c.req.param());
  // What is no id names nothing.
  if (!params.ok) return refuse('not_found', 'There is nothing at this address', params.errors);
  const query = parseTexts(route.query, c.req.query());
  if (!query.ok) return query;
  const headers = parseTexts(route.headers, Object.fromEntries(c.req.raw.headers));
  if (!headers.ok) return headers;
  const read = await readJsonBody(c.req.raw, route.bytesMax ?? bytesMaxDefault);
  if (!read.ok) return read;
  const body = parseBody(route, read.value.value);
  if (!body.ok) return body;

  const request = {
    params: params.value,
    query: query.value,
    headers: headers.value,
    body: body.value,
    options: {},
    idempotencyKey: undefined,
    actor,
    askedAt: undefined,
  };
  if (route.method === 'get') return answerRead(route, context, workspace, request);
  const key = readIdempotencyKey(c.req.raw.headers);
  if (!key.ok) return key;
  const idempotencyKey = key.value;
  if (idempotencyKey === undefined || route.idempotency === 'event') {
    return route.handle(context, workspace, { ...request, idempotencyKey });
  }
  const write = {
    key: idempotencyKey,
    method: c.req.method,
    path: c.req.path,
    body: read.value.bytes,
  };
  if (route.idempotency === 'resumed') {
    return resumeOnce(context, workspace, write, (askedAt) =>
      route.handle(context, workspace, { ...request, askedAt }),
    );
  }
  return writeOnce(context, workspace, write, (inside, options) =>
    route.handle(inside, workspace, { ...request, options }),
  );
}

type Parsed = Result<unknown, ValidationRefusal>;

function parseBody(route: Route, value: unknown): Parsed {
  if (route.body === undefined) return ok(undefined);
  const given = value === undefined ? route.emptyBody : value;
  if (given === undefined) return refuseField('body', 'is required');
  if (route.checksWholeBody !== false) {
    const problem = findJsonProblem(given);
    if (problem !== undefined)
      return refuseField(fieldName(problem.path) || 'body', problem.message);
  }
  return parse(route.body, given);
}

function parseTexts(
  schema: z.ZodType | undefined,
  texts: Readonly<Record<string, string>>,
): Parsed {
  if (schema === undefined) return ok({});
  const problem = findJsonProblem(texts);
  return problem === undefined
    ? parse(schema, texts)
    : refuseField(fieldName(problem.path), problem.message);
}

function parse(schema: z.ZodType, value: unknown): Parsed {
  const parsed = schema.safeParse(value, { error: issueMessage });
  return parsed.success ? ok(parsed.data) : refuseZod(parsed.error);
}

function fault(context: Context, error: unknown): Response {
  return toResponse(
    answerFault(error, context.logger, () => context.createId(context.clock.now())),
  );
}

function toResponse(answered: {
  readonly status: number;
  readonly body?: unknown;
  readonly content?: Answer['content'];
  readonly headers?: Readonly<Record<string, string>>;
}): Response {
  const { status, body, content, headers = {} } = answered;
  const common = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...headers };
  if (content !== undefined)
    return new Response(content as ConstructorParameters<typeof Response>[0], {
      status,
      headers: common,
    });
  if (body === undefined) return new Response(null, { status, headers: common });
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...common },
  });
}
