import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { HeadwaterError } from '../kernel/errors.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import type { Network, RateLimitedRefusal } from '../limits/rate-limit.ts';
import type { AuthenticateAnswer } from '../options.ts';
import { grants } from '../workspaces/api-key.ts';
import type { ApiKeyScope } from '../workspaces/api-key.ts';
import { verifyApiKey } from '../workspaces/verify-api-key.ts';
import type { VerifyApiKeyRefusal } from '../workspaces/verify-api-key.ts';
import type { Workspace } from '../workspaces/workspace.ts';

/** Who asks: a workspace, and what may be done to it. */
export interface Caller {
  readonly workspace: Workspace;
  readonly scopes: readonly string[];
  /** The id of the API key, or what the host calls its caller. */
  readonly actor?: string;
}

export type AuthenticationRefusal =
  | VerifyApiKeyRefusal
  | RateLimitedRefusal
  | (Refusal & {
      readonly code: 'forbidden' | 'insufficient_scope' | 'publishable_key' | 'not_configured';
    });

/** The codes that any request can be answered with before its route sees it. */
export const authenticationCodes = [
  'unauthorized',
  'api_key_expired',
  'api_key_revoked',
  'forbidden',
  'insufficient_scope',
  'publishable_key',
  'rate_limited',
  'not_configured',
] as const satisfies ReadonlyArray<AuthenticationRefusal['code']>;

interface Credential {
  readonly text: string;
  readonly kind: 'bearer' | 'api_key';
}

/** The caller of a request from a network, if it may do what needs the scope. */
export async function authenticate(
  context: Context,
  { request, network }: { readonly request: Request; readonly network: Network },
  scope: ApiKeyScope,
): Promise<Result<Caller, AuthenticationRefusal>> {
  const caller =
    (await recogniseSession(context, request)) ??
    (await recogniseCredential(context, request.headers, network));
  if (!caller.ok) return caller;
  if (!grants(caller.value.scopes, scope)) {
    return refuse('insufficient_scope', `This needs the scope "${scope}"`);
  }
  return caller;
}

async function recogniseCredential(
  context: Context,
  headers: Headers,
  network: Network,
): Promise<Result<Caller, AuthenticationRefusal>> {
  const own = context.options.authenticate === undefined;
  if (own && !(await context.apiKeys.any())) {
    return refuse('not_configured', 'API authentication is not configured');
  }
  const credential = readCredential(headers);
  if (!credential.ok) return credential;
  return context.guardCredential({ network, credential: credential.value.text }, () =>
    own ? recogniseApiKey(context, credential.value) : askHost(context, credential.value),
  );
}

const bearerScheme = /^bearer(?:\s+(.*))?$/is;

/** Who is signed in; `undefined` for nobody, and for whoever shows a credential of the API. */
async function recogniseSession(
  context: Context,
  request: Request,
): Promise<Result<Caller, AuthenticationRefusal> | undefined> {
  const { authenticateSession } = context.options;
  if (authenticateSession === undefined) return undefined;
  const { headers } = request;
  if (headers.has('x-api-key') || bearerScheme.test(headers.get('authorization') ?? ''))
    return undefined;
  const answer = await authenticateSession(request);
  return answer === undefined ? undefined : toCaller(context, answer);
}

/** Bearer wins over `X-Api-Key`; other schemes are as good as none. The scheme has no case (RFC 9110 §11.1). */
function readCredential(headers: Headers): Result<Credential, AuthenticationRefusal> {
  const bearer = bearerScheme.exec(headers.get('authorization') ?? '');
  if (bearer !== null) {
    const text = bearer[1]?.trim() ?? '';
    if (text === '' || /\s/.test(text))
      return refuse('unauthorized', 'Malformed Authorization header');
    return ok({ text, kind: 'bearer' });
  }
  const text = headers.get('x-api-key')?.trim() ?? '';
  if (text === '') return refuse('unauthorized', 'Missing authentication credentials');
  return ok({ text, kind: 'api_key' });
}

async function recogniseApiKey(
  context: Context,
  credential: Credential,
): Promise<Result<Caller, AuthenticationRefusal>> {
  const verified = await verifyApiKey(context, credential.text);
  if (!verified.ok) return refuse(verified.code, 'Unauthorized');
  const apiKey = verified.value;
  if (apiKey.kind === 'publishable') {
    return refuse('publishable_key', 'A publishable key can send beacons and nothing else');
  }
  const workspace = await context.workspaces.get(apiKey.workspaceId);
  if (workspace === undefined) return refuse('unauthorized', 'Unauthorized');
  return ok({ workspace, scopes: apiKey.scopes, actor: apiKey.id });
}

/** The host application says who it is; what it does not limit is allowed. */
async function askHost(
  context: Context,
  credential: Credential,
): Promise<Result<Caller, AuthenticationRefusal>> {
  return toCaller(context, await context.options.authenticate!(credential.text, credential.kind));
}

async function toCaller(
  context: Context,
  answer: AuthenticateAnswer,
): Promise<Result<Caller, AuthenticationRefusal>> {
  if (!answer.ok) {
    const [code, message] =
      answer.reason === 'forbidden'
        ? (['forbidden', 'Forbidden'] as const)
        : (['unauthorized', 'Unauthorized'] as const);
    return refuse(code, answer.message ?? message);
  }
  const workspace = isUuid(answer.workspaceId)
    ? await context.workspaces.get(answer.workspaceId)
    : undefined;
  if (workspace === undefined) {
    throw new HeadwaterError(
      'authenticate',
      '`authenticate` named a workspace that does not exist.',
    );
  }
  const { scopes = ['admin'], actor } = answer;
  return ok({ workspace, scopes, ...(actor !== undefined && { actor }) });
}
