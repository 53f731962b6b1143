import { toNodeHandler } from './node-handler.ts';
import type { Answering, NodeHandlerOptions } from './node-handler.ts';
import type { NodeRequest, NodeResponse } from './node-message.ts';

/** What the plugin uses of Fastify 5. */
interface Fastify {
  removeAllContentTypeParsers(): unknown;
  addContentTypeParser(
    type: '*',
    parse: (request: unknown, payload: unknown, done: (error: Error | null) => void) => void,
  ): unknown;
  all(path: string, handle: (request: FastifyRequest, reply: FastifyReply) => void): unknown;
}

interface FastifyRequest {
  readonly raw: NodeRequest;
}

interface FastifyReply {
  readonly raw: NodeResponse;
  hijack(): unknown;
  code(status: number): { send(body: unknown): unknown };
}

/**
 * A Fastify plugin with everything below the base path: beacons and the API. Short links come last, with
 * {@link toFastifyNotFound}.
 *
 * @example
 * app.register(toFastifyPlugin(hw));
 * app.setNotFoundHandler(toFastifyNotFound(hw));
 */
export function toFastifyPlugin(
  hw: Answering,
  options: NodeHandlerOptions = {},
): (app: Fastify, settings: unknown, done: () => void) => void {
  const handle = toNodeHandler(hw, options);
  const answer = ({ raw }: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack();
    handle(raw, reply.raw);
  };
  return function headwater(app, _settings, done) {
    // Here, and only here, bodies are left to be read by the engine.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _payload, parsed) => {
      parsed(null);
    });
    const basePath = hw.options.basePath ?? '/hw';
    app.all(basePath, answer);
    app.all(`${basePath}/*`, answer);
    done();
  };
}

/**
 * Short links and their QR codes, for what no route of the application has: `otherwise` answers the rest.
 */
export function toFastifyNotFound(
  hw: Answering,
  otherwise: (request: FastifyRequest, reply: FastifyReply) => unknown = sayNotFound,
): (request: FastifyRequest, reply: FastifyReply) => void {
  const handle = toNodeHandler(hw);
  return function followShortLink(request, reply) {
    handle(request.raw, reply.raw, () => void otherwise(request, reply));
  };
}

function sayNotFound(_request: FastifyRequest, reply: FastifyReply): void {
  reply.code(404).send({ error: 'There is nothing at this address', code: 'not_found' });
}
