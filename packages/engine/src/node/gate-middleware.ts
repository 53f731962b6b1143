import type { OutgoingResponse } from '../capture/exchange.ts';
import { answerDecision, isReachable } from '../gate/guard-request.ts';
import type { GuardOptions } from '../gate/guard-request.ts';
import type { Account, GateDecision } from '../gate/gate.ts';
import { write } from './node-answer.ts';
import type { NodeRequest, NodeResponse } from './node-message.ts';

/** An engine as the guard of the gate needs it. */
export interface Gated {
  readonly gate: {
    check(
      account: Account | undefined,
      options?: { readonly workspaceId?: string },
    ): Promise<GateDecision>;
  };
}

/**
 * Middleware for Express, Connect and `node:http`: while the gate is shut, an account that was not let in reaches the
 * page of the code and what you allow, and nothing else. It comes behind the one that knows who is signed in.
 *
 * @example
 * app.use(toGateMiddleware(hw, { account: (request) => accountOf(request.user), entryPath: '/enter-code', allow: ['/logout'] }));
 */
export function toGateMiddleware<Asked extends NodeRequest = NodeRequest>(
  hw: Gated,
  options: GuardOptions<Asked>,
): (request: Asked, response: NodeResponse, next: (error?: unknown) => void) => void {
  return function guardNodeRequest(request, response, next) {
    decide(hw, options, request, request).then((refused) => {
      if (refused === undefined) next();
      else write(request, response, refused);
    }, next);
  };
}

/**
 * The same as an `onRequest` or `preHandler` hook of Fastify.
 *
 * @example
 * app.addHook('preHandler', toGateHook(hw, { account: (request) => request.account, entryPath: '/enter-code' }));
 */
export function toGateHook<Asked extends { readonly raw: NodeRequest }>(
  hw: Gated,
  options: GuardOptions<Asked>,
): (
  request: Asked,
  reply: {
    code(status: number): unknown;
    header(name: string, value: string): unknown;
    send(body?: unknown): unknown;
  },
) => Promise<unknown> {
  return async function guardFastifyRequest(request, reply) {
    const refused = await decide(hw, options, request, request.raw);
    if (refused === undefined) return undefined;
    reply.code(refused.status);
    for (const [name, value] of refused.headers) reply.header(name, value);
    // An answer ends the hooks; Fastify wants it returned.
    return reply.send(refused.body ?? '');
  };
}

async function decide<Asked>(
  hw: Gated,
  options: GuardOptions<Asked>,
  asked: Asked,
  message: NodeRequest,
): Promise<OutgoingResponse | undefined> {
  const target = (message as { originalUrl?: string }).originalUrl ?? message.url ?? '';
  if (isReachable(target, options)) return undefined;
  const { workspaceId } = options;
  const account = await options.account(asked);
  const decision = await hw.gate.check(account, workspaceId === undefined ? {} : { workspaceId });
  const { method = 'GET', headers } = message;
  return answerDecision(decision, { method, target, accept: headers.accept }, options);
}
