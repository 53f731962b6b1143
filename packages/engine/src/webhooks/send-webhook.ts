import type { Context } from '../context.ts';
import { createGuardedFetch, RefusedAddressError } from '../outbound/guarded-fetch.ts';
import { second } from '../kernel/clock.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import { secretUnreadable } from './endpoint-health.ts';
import { openSecrets, signedHeaders } from './webhook-secret.ts';
import type { StoredEndpoint } from './webhook-endpoint.ts';
import type { AttemptResult } from './webhook-delivery.ts';
import type { WebhookBody } from './describe-message.ts';

/** Sends one message to one endpoint, signed, and tells how that ended. Never throws. */
export type SendWebhook = (
  endpoint: StoredEndpoint,
  id: string,
  body: WebhookBody,
) => Promise<AttemptResult>;

/** The specification asks for 15 to 30 s. */
const timeoutMilliseconds = 20 * second;
const answerBytesMax = 1_024;
const userAgent = 'Headwater-Webhooks/1';

type SenderContext = Pick<Context, 'options' | 'clock' | 'keyring' | 'logger'>;

export function createWebhookSender(context: SenderContext): {
  readonly send: SendWebhook;
  close(): void;
} {
  const allowPrivateNetworks = context.options.webhooks?.allowPrivateNetworks ?? false;
  const guarded = createGuardedFetch({ allowPrivateNetworks, answerBytesMax });
  return {
    send: (endpoint, id, body) =>
      attempt(context, guarded.fetch, { endpoint, id, body, allowHttp: allowPrivateNetworks }),
    close: () => guarded.close(),
  };
}

async function attempt(
  { clock, keyring, logger }: SenderContext,
  send: typeof fetch,
  message: {
    readonly endpoint: StoredEndpoint;
    readonly id: string;
    readonly body: WebhookBody;
    readonly allowHttp: boolean;
  },
): Promise<AttemptResult> {
  const { endpoint, allowHttp } = message;
  const now = clock.now();
  const at = new Date(now).toISOString();
  if (!allowHttp && !endpoint.url.startsWith('https:'))
    return { at, failure: 'not_https', milliseconds: 0 };
  const body = JSON.stringify(message.body);
  const signed = sign(message, body, { keyring, logger, now });
  if (signed === undefined) return { at, failure: secretUnreadable, milliseconds: 0 };
  const begun = performance.now();
  const took = (): number => Math.round(performance.now() - begun);
  try {
    const answer = await send(endpoint.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': userAgent,
        ...signed,
      },
      body,
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    const retryAfterSeconds = readRetryAfter(answer.headers.get('retry-after'), now);
    return {
      at,
      status: answer.status,
      milliseconds: took(),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    };
  } catch (error) {
    return { at, failure: failureOf(error), milliseconds: took() };
  }
}

/** `undefined` where the key that the secrets are encrypted with is not among those of the host. */
function sign(
  { endpoint, id }: { readonly endpoint: StoredEndpoint; readonly id: string },
  body: string,
  { keyring, logger, now }: Pick<Context, 'keyring' | 'logger'> & { readonly now: number },
): Record<string, string> | undefined {
  try {
    return signedHeaders({ id, body, now }, openSecrets(keyring, endpoint.secrets));
  } catch (error) {
    logger.error('The secrets of a webhook cannot be read.', {
      endpointId: endpoint.id,
      error: describeFault(error),
    });
    return undefined;
  }
}

/** A name for the log: the text of a system's error has addresses in it. */
function failureOf(error: unknown): string {
  if (error instanceof RefusedAddressError) return 'private_network';
  const { name, code } = error as { readonly name?: unknown; readonly code?: unknown };
  if (name === 'TimeoutError' || name === 'AbortError') return 'timeout';
  return typeof code === 'string' && /^[A-Z][A-Z_0-9]{1,39}$/.test(code)
    ? code.toLowerCase()
    : 'no_answer';
}

/** Seconds, or a date (RFC 9110 §10.2.3). */
function readRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / second));
}
