import type { Connector, ConnectorContext, OutgoingRequest } from './connector.ts';

const redacted = '[secret]';

/** The texts that no log may hold: secret credentials, the access token, and both as URLs write them. */
export function secretsOf(
  connector: Pick<Connector, 'credentials'>,
  context: Pick<ConnectorContext, 'credentials' | 'accessToken'>,
): readonly string[] {
  const secret = Object.entries(context.credentials)
    .filter(([name]) => connector.credentials[name]?.secret === true)
    .map(([, value]) => value);
  return [...secret, context.accessToken]
    .filter((value): value is string => value !== undefined && value !== '')
    .flatMap((value) => [value, encodeURIComponent(value)])
    .toSorted((a, b) => b.length - a.length);
}

/** The request as a log or a preview may show it; the body, which holds no credentials, as it is. */
export function redactRequest(
  request: OutgoingRequest,
  secrets: readonly string[],
): OutgoingRequest {
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    signatureHeaders.has(name.toLowerCase()) ? redacted : redactText(value, secrets),
  ]);
  return {
    ...request,
    url: redactText(request.url, secrets),
    headers: Object.fromEntries(headers) as Record<string, string>,
    ...(typeof request.body === 'string' && { body: redactText(request.body, secrets) }),
  };
}

export function redactText(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, redacted), text);
}

/** Made from secrets, and good for whoever reads them in time. */
const signatureHeaders: ReadonlySet<string> = new Set(['webhook-signature']);
