import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';

/** A request as `node:http` or `node:http2` has it. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** The answer to it. */
export type NodeResponse = ServerResponse | Http2ServerResponse;
