import type { Configuration, Connector, TokenAnswer } from './connector.ts';
import type { SendPorts } from './send-batch.ts';
import { sendRequest } from './send-request.ts';

/**
 * A new access token of a connector with `oauth`; `undefined` where there is nothing to renew. The caller keeps the token
 * encrypted until shortly before its end, and stores a new refresh token in the place of the old one.
 */
export async function refreshAccessToken(
  connector: Connector,
  configuration: Configuration & { readonly now: Date },
  { fetch, timeoutMilliseconds = 30_000 }: Pick<SendPorts, 'fetch' | 'timeoutMilliseconds'>,
): Promise<TokenAnswer | undefined> {
  const request = connector.oauth?.request(configuration);
  if (connector.oauth === undefined || request === undefined) return undefined;
  const signal = AbortSignal.timeout(timeoutMilliseconds);
  const answer = await sendRequest(request, { fetch, signal });
  return answer.ok
    ? connector.oauth.read(answer.response)
    : { outcome: 'retry', code: answer.failure, message: answer.message };
}
