import type * as z from 'zod';

import type { Context } from '../context.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { LimitRule } from '../limits/rate-limit.ts';
import type { WriteOptions } from '../store/database.ts';
import type { ApiKeyScope } from '../workspaces/api-key.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { RefusalCode } from './refusal-codes.ts';

/** What a route answers when it does not refuse. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  /** What is no JSON: its type stands in the headers. */
  readonly content?: string | Uint8Array | ReadableStream<Uint8Array> | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of a list that goes on. */
  readonly nextCursor?: string | undefined;
  /** What a replay under the same idempotency key is told instead: secrets are told once. */
  readonly replayBody?: unknown;
}

export interface RouteRequest<Params, Query, Body, Headers = unknown> {
  readonly params: Params;
  readonly query: Query;
  /** Those that the route reads, by their names in lower case. */
  readonly headers: Headers;
  readonly body: Body;
  /** Given to the use case, so that the effect and the stored answer are one transaction. */
  readonly options: WriteOptions;
  /** Of routes whose effect is an event: it becomes the event's own. */
  readonly idempotencyKey: string | undefined;
  /** The id of the API key that asks, or what the host calls its caller. */
  readonly actor: string | undefined;
  /** Of routes that resume: when the request was first made under its key. */
  readonly askedAt: Date | undefined;
}

type Fields = z.ZodObject;

/** One operation of the API: how it is documented, what it takes, and the use case that answers. */
export interface Route {
  readonly method: 'get' | 'post' | 'patch' | 'put' | 'delete';
  /** Below `{base}/api`, with `{name}` for parameters. */
  readonly path: string;
  readonly operationId: string;
  readonly tag:
    | 'Events'
    | 'Links'
    | 'Invitations'
    | 'Referrals'
    | 'Ledger'
    | 'Gate'
    | 'Waitlist'
    | 'Visitors'
    | 'Sessions'
    | 'Sources'
    | 'Projects'
    | 'Funnels'
    | 'Attribution'
    | 'Analytics'
    | 'Connectors'
    | 'Privacy'
    | 'Workspace'
    | 'Domains'
    | 'API keys'
    | 'Live'
    | 'Webhooks'
    | 'Payments'
    | 'Partners';
  readonly summary: string;
  readonly description?: string;
  readonly scope: ApiKeyScope;
  /** Counts the requests of each caller, before their bodies are read. */
  readonly limit?: LimitRule;
  readonly params?: Fields;
  readonly query?: Fields;
  readonly headers?: Fields;
  readonly body?: z.ZodType;
  /** Where what is documented is more than what the route itself insists on. */
  readonly documentedBody?: z.ZodType;
  /** Off where the body's parts are judged one by one. @default true */
  readonly checksWholeBody?: boolean;
  /** What a body that is left out means. @default a body is required */
  readonly emptyBody?: unknown;
  readonly bytesMax?: number;
  readonly responses: Readonly<Record<number, RouteResponse>>;
  readonly refusals: readonly RefusalCode[];
  /**
   * How `Idempotency-Key` works. `answer`: the answer is stored in the transaction of the effect. `event`: the effect
   * is an event, which carries the key. `resumed`: the effect has a transaction of its own, or waits for somebody else;
   * the key is claimed before it, and a request whose answer got lost is done again, which has to be harmless.
   * @default 'answer'
   */
  readonly idempotency?: 'answer' | 'event' | 'resumed';
  handle(
    context: Context,
    workspace: Workspace,
    request: RouteRequest<unknown, unknown, unknown>,
  ): Promise<Result<Answer, Refusal & { readonly code: RefusalCode }>>;
}

export interface RouteResponse {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** By media type, where the answer is no JSON. */
  readonly contents?: Readonly<Record<string, z.ZodType>>;
  readonly example?: unknown;
  /** A list: the answer has the headers of a page. */
  readonly paged?: true;
}

/** Gives the handler of a route the types of its schemas, and holds it to the refusals that it documents. */
export function defineRoute<
  Params extends Fields,
  Query extends Fields,
  Body extends z.ZodType,
  const Code extends RefusalCode = never,
  Headers extends Fields = Fields,
>(
  route: Omit<Route, 'params' | 'query' | 'headers' | 'body' | 'refusals' | 'handle'> & {
    readonly params?: Params;
    readonly query?: Query;
    readonly headers?: Headers;
    readonly body?: Body;
    readonly refusals?: readonly Code[];
    handle(
      context: Context,
      workspace: Workspace,
      request: RouteRequest<z.output<Params>, z.output<Query>, z.output<Body>, z.output<Headers>>,
    ): Promise<Result<Answer, Refusal & { readonly code: Code }>>;
  },
): Route {
  return { refusals: [], ...route };
}

export function answer(
  status: number,
  body?: unknown,
  more?: Omit<Answer, 'status' | 'body'>,
): Result<Answer, never> {
  return { ok: true, value: { status, body, ...more } };
}
