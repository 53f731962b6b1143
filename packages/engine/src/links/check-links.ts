import type { Context } from '../context.ts';
import { second } from '../kernel/clock.ts';
import { createGuardedFetch, RefusedAddressError } from '../outbound/guarded-fetch.ts';
import { announceLinkChange, publishLinkChange } from './link-change.ts';
import {
  claimDueChecks,
  findLinkHealth,
  findWorkspacesWithChecks,
  insertMissingHealth,
  updateLinkHealth,
} from './link-health-store.ts';
import type { DueCheck } from './link-health-store.ts';
import { checkEvery, isThere, judge } from './link-health.ts';
import type { CheckResult } from './link-health.ts';
import { lockLink, updateLinkRow } from './link-store.ts';
import type { Link } from './link.ts';

const checksAtOnce = 10;
const patienceMilliseconds = 10 * second;
const answerBytesMax = 1_024;
const userAgent = 'Headwater-Link-Check';

/**
 * Looks at the destinations whose time has come, of every workspace. Any number of processes may do it at once: each
 * destination is looked at by one of them.
 *
 * @returns how many were looked at
 */
export async function checkLinks(
  context: Context,
  goesOn: () => boolean = () => true,
): Promise<number> {
  const { db } = context.database;
  const { fetch, close } = createGuardedFetch({
    allowPrivateNetworks: context.options.links?.allowPrivateNetworks ?? false,
    answerBytesMax,
  });
  let checked = 0;
  try {
    for (const workspaceId of await findWorkspacesWithChecks(db)) {
      await insertMissingHealth(db, workspaceId, new Date(context.clock.now()));
      while (goesOn()) {
        const now = context.clock.now();
        const until = new Date(now + checkEvery);
        const claim = { now: new Date(now), until, limit: checksAtOnce };
        const due = await claimDueChecks(db, workspaceId, claim);
        const results = await Promise.all(due.map(({ url }) => look(fetch, url)));
        for (const [index, check] of due.entries())
          await note(context, workspaceId, check, results[index]!);
        checked += due.length;
        if (due.length < checksAtOnce) break;
      }
    }
  } finally {
    close();
  }
  return checked;
}

/** Many servers answer HEAD wrongly: what it says is believed only where it is good. */
async function look(fetch: typeof globalThis.fetch, url: string): Promise<CheckResult> {
  const head = await ask(fetch, url, 'HEAD');
  return head.ok || head.httpStatus === undefined ? head : ask(fetch, url, 'GET');
}

async function ask(
  fetch: typeof globalThis.fetch,
  url: string,
  method: 'HEAD' | 'GET',
): Promise<CheckResult> {
  try {
    const { status } = await fetch(url, {
      method,
      headers: { 'user-agent': userAgent, ...(method === 'GET' && { range: 'bytes=0-0' }) },
      signal: AbortSignal.timeout(patienceMilliseconds),
    });
    return isThere(status)
      ? { ok: true, httpStatus: status }
      : { ok: false, httpStatus: status, problem: `answers ${status}` };
  } catch (error) {
    return { ok: false, httpStatus: undefined, problem: describe(error) };
  }
}

/** Which host or address it was is told by the link. */
function describe(error: unknown): string {
  if (error instanceof RefusedAddressError) return 'is in a private network';
  const { name, code } = error as { name?: string; code?: string };
  if (name === 'TimeoutError' || name === 'AbortError') return 'does not answer in time';
  return `cannot be reached${code === undefined ? '' : ` (${code})`}`;
}

/** What was found of a destination that the link leads to no more is dropped. */
async function note(
  context: Context,
  workspaceId: string,
  { linkId, url }: DueCheck,
  result: CheckResult,
): Promise<void> {
  const changed = await context.database.db
    .transaction()
    .execute(async (tx): Promise<Link | undefined> => {
      const before = await lockLink(tx, workspaceId, linkId);
      const known = await findLinkHealth(tx, workspaceId, linkId);
      if (before === undefined || known === undefined) return undefined;
      if (before.url !== url || before.archivedAt !== null || !before.healthCheck) return undefined;
      // Somebody has changed the link since: what failed before was another destination.
      const isReset = known.status === 'down' && !before.isDown;
      const health = judge(
        isReset ? { ...known, failures: 0, downSince: null, status: 'unknown' } : known,
        result,
        context.clock.now(),
      );
      await updateLinkHealth(tx, workspaceId, health);
      const isDown = health.status === 'down';
      if (isDown === before.isDown) return undefined;
      const link = { ...before, isDown };
      await updateLinkRow(tx, link);
      await publishLinkChange(context, tx, { link, before }, isDown ? 'link.down' : 'link.up');
      return link;
    });
  if (changed !== undefined) announceLinkChange(context, changed);
}
