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

/** The request as a log or a preview may show it: without credentials, and without what proves that we have them. */
export function redactRequest(
  request: OutgoingRequest,
  secrets: readonly string[],
): OutgoingRequest {
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    signatureHeaders.has(name.toLowerCase())
      ? redacted
      : redactText(value, secrets).replace(/(oauth_signature)="[^"]*"/, `$1="${redacted}"`),
  ]);
  return {
    ...request,
    url: redactText(request.url, secrets),
    headers: Object.fromEntries(headers) as Record<string, string>,
    ...(request.body !== undefined && { body: redactBody(request.body, secrets) }),
  };
}

function redactBody(
  body: NonNullable<OutgoingRequest['body']>,
  secrets: readonly string[],
): NonNullable<OutgoingRequest['body']> {
  if (typeof body === 'string') return redactText(body, secrets);
  // Meta's, of the app's secret: good for as long as the token is.
  return 'appsecret_proof' in body ? { ...body, appsecret_proof: redacted } : body;
}

export function redactText(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, redacted), text);
}

/** Made from secrets, and good for whoever reads them in time. */
const signatureHeaders: ReadonlySet<string> = new Set(['webhook-signature']);
