import type { OutgoingResponse } from '../capture/exchange.ts';
import type { Account, GateDecision } from './gate.ts';

/** How requests of accounts are let through. */
export interface GuardOptions<Asked> {
  /** Who asks; `undefined` where nobody is signed in. Where it throws, nobody is let through. */
  readonly account: (request: Asked) => Account | undefined | Promise<Account | undefined>;
  /** The page on which a parked account gives its code. */
  readonly entryPath: string;
  /** What it may reach beside that, with everything below: the log-out, the contact. */
  readonly allow?: readonly string[] | undefined;
  /** @default the first workspace */
  readonly workspaceId?: string | undefined;
}

/** A request as the guard looks at it. */
export interface GuardedRequest {
  readonly method: string;
  /** Path and query as they arrived. */
  readonly target: string;
  readonly accept: string | undefined;
}

/** Whether a parked account may reach this: the page of the code, and what the host allows. */
export function isReachable(
  target: string,
  { entryPath, allow = [] }: Pick<GuardOptions<never>, 'entryPath' | 'allow'>,
): boolean {
  const path = pathOf(target);
  const open = [entryPath, ...allow].map(pathOf);
  // The very page of the code, however it is written: who is sent there must not be sent there again.
  if (open.includes(path)) return true;
  // A path that a router may read as another one is below none of these.
  if (/%|\\|\/\/|\/\.{1,2}(?:\/|$)/.test(path)) return false;
  return open.some((each) => each !== '' && path.startsWith(`${each}/`));
}

/** Without query, fragment and a slash at its end. */
function pathOf(target: string): string {
  return target.split(/[?#]/, 1)[0]!.replace(/\/$/, '');
}

/** What a request is answered that is not let through; `undefined` for one that is. */
export function answerDecision(
  decision: GateDecision,
  request: GuardedRequest,
  { entryPath }: Pick<GuardOptions<never>, 'entryPath'>,
): OutgoingResponse | undefined {
  if (decision.admitted) return undefined;
  const noStore = ['cache-control', 'no-store'] as const;
  if (decision.reason === 'unavailable')
    return refusal(503, 'unavailable', 'Not available at the moment.', [
      noStore,
      ['retry-after', '5'],
    ]);
  const isPage =
    (request.method === 'GET' || request.method === 'HEAD') &&
    request.accept?.includes('text/html') === true;
  return isPage
    ? { status: 303, headers: [['location', entryPath], noStore] }
    : refusal(403, 'not_admitted', 'This account needs an invitation or a code.', [noStore]);
}

function refusal(
  status: number,
  code: string,
  error: string,
  headers: OutgoingResponse['headers'],
): OutgoingResponse {
  return {
    status,
    headers: [['content-type', 'application/json'], ...headers],
    body: JSON.stringify({ error, code }),
  };
}
