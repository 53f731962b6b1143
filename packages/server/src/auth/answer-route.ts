import type { Call, Ground } from './ground.ts';
import { findMembership } from './find-membership.ts';
import { atLeast } from './role.ts';
import { isFromOwnPage, isSafe } from './same-origin.ts';
import { sessionRoutes } from './session-routes.ts';
import { refuseSignIn } from './sign-in-answer.ts';
import type { SignInAnswer, SignInRefusal } from './sign-in-answer.ts';
import type { SignInRoute } from './sign-in-route.ts';
import { teamRoutes } from './team-routes.ts';

const routes: readonly SignInRoute[] = [...sessionRoutes, ...teamRoutes];
const bytesMax = 16 * 1024;

/** Answers an operation of sign-in. @param path below `{base}/auth` */
export async function answerRoute(
  ground: Ground,
  request: Request,
  { path, network }: { readonly path: string; readonly network: string | undefined },
): Promise<SignInAnswer | SignInRefusal> {
  const matched = match(request.method, path);
  if (matched === undefined) return notFound();
  if (!isSafe(request.method) && !isFromOwnPage(request, ground.settings.publicUrl))
    return refuseSignIn('forbidden', 'This request does not come from a page of this server');
  const { route, params } = matched;
  const body = await readBody(request, route);
  if (!body.ok) return body;
  return run(ground, route, { request, network, params, body: body.value });
}

async function run(
  ground: Ground,
  route: SignInRoute,
  call: Call,
): Promise<SignInAnswer | SignInRefusal> {
  // The schema of the route has made the body what its handler takes.
  const given = call as Call<never>;
  if (route.asker === 'anybody') return route.handle(ground, given);
  const signedIn = await (await ground.library()).findSession(call.request.headers);
  if (signedIn === undefined) return refuseSignIn('unauthorized', 'Nobody is signed in');
  if (route.asker === 'signed-in') return route.handle(ground, { ...given, signedIn });
  const member = await findMembership(ground.db, signedIn.userId, call.request.headers);
  if (member === undefined) return refuseSignIn('forbidden', 'You are not in this workspace');
  if (member.isDemo)
    return refuseSignIn('forbidden', 'The simulated workspace has no team of its own');
  if (!atLeast(member.role, route.role))
    return refuseSignIn('forbidden', `This needs the role ${route.role}`);
  return route.handle(ground, { ...given, signedIn, member });
}

function match(
  method: string,
  path: string,
): { readonly route: SignInRoute; readonly params: Record<string, string> } | undefined {
  for (const route of routes) {
    if (route.method !== method) continue;
    const params = matchPath(route.path, path);
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const text = given[index]!;
    if (part !== '{id}') {
      if (part !== text) return undefined;
    } else if (uuid.test(text)) params['id'] = text;
    else return undefined;
  }
  return params;
}

async function readBody(
  request: Request,
  route: SignInRoute,
): Promise<{ readonly ok: true; readonly value: unknown } | SignInRefusal> {
  if (route.body === undefined) return { ok: true, value: undefined };
  // The server has read it already, up to a limit of its own.
  const bytes = await request.clone().arrayBuffer();
  if (bytes.byteLength > bytesMax) return refuseSignIn('body_too_large', 'The body is too large');
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return refuseSignIn('malformed_json', 'The body is not JSON');
  }
  const parsed = route.body.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const errors: Record<string, string[]> = {};
  for (const issue of parsed.error.issues)
    (errors[issue.path.join('.') || 'body'] ??= []).push(issue.message);
  const message = Object.entries(errors)
    .map(([field, messages]) => `${field} ${messages.join(', ')}`)
    .join('; ');
  return refuseSignIn('validation_failed', message, errors);
}

function notFound(): SignInRefusal {
  return refuseSignIn('not_found', 'There is nothing at this address');
}
