import { emptyHours } from '../analytics/empty-hours.ts';
import { recreditPeople } from '../attribution/recredit-people.ts';
import type { Context } from '../context.ts';
import { UnavailableError } from '../kernel/errors.ts';
import { readTimeCursor, timeCursorOf } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseField } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import { getLink } from '../links/get-link.ts';
import { endOfTime } from '../reports/report-period.ts';
import { sessionTotals } from '../sessions/session-totals.ts';
import type { ClassifiedSource } from '../sources/source.ts';
import type { Transaction } from '../store/connection.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { idsInAddress, kindAfter, reclassify } from './reclassified-touch.ts';
import type { RulesOfNow } from './reclassified-touch.ts';
import {
  countTouches,
  decidedColumns,
  findClicks,
  findTouches,
  updateTouches,
} from './reclassify-store.ts';
import type { DecidedColumns, StoredTouch } from './reclassify-store.ts';
import { createReplayStore } from './replay-store.ts';

export interface ReclassifyInput {
  /** Touches from then on. @default the beginning */
  readonly from?: Date | undefined;
  /** Touches before then. @default the end */
  readonly to?: Date | undefined;
  /** Only counts what would change. @default false */
  readonly dryRun?: boolean | undefined;
}

export interface ReclassifyReport {
  /** Looked at. */
  readonly touches: number;
  /** Where something else is decided now than was then. */
  readonly changed: number;
  /** Left as they are, because what they were classified by is not kept any more. */
  readonly left: number;
}

export interface ReclassifyOptions extends ReclassifyInput {
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

const touchesAtOnce = 1_000;
const attemptsMax = 20;
const beginning = new Date(0);

/**
 * Classifies the touches of the past anew, under the rules of now and by what each touch keeps of its arrival; what is
 * credited by them moves too. Visits stay as they were cut. In transactions of its own, while events go on coming in.
 */
export async function reclassifyTouches(
  context: Context,
  workspace: Workspace,
  { onProgress, ...input }: ReclassifyOptions = {},
): Promise<Result<ReclassifyReport, ValidationRefusal>> {
  const span = { from: input.from ?? beginning, to: input.to ?? new Date(endOfTime) };
  const total = onProgress && (await countTouches(context.database, workspace.id, span));
  let sum: ReclassifyReport = { touches: 0, changed: 0, left: 0 };
  for (let cursor: string | undefined; ;) {
    const part = await reclassifyPart(context, workspace, { ...input, cursor });
    if (!part.ok) return part;
    sum = {
      touches: sum.touches + part.value.touches,
      changed: sum.changed + part.value.changed,
      left: sum.left + part.value.left,
    };
    onProgress?.({ done: sum.touches, total: Math.max(total ?? 0, sum.touches) });
    cursor = part.value.nextCursor;
    if (cursor === undefined) return ok(sum);
  }
}

/** The same for a thousand touches, from after a cursor on. */
export async function reclassifyPart(
  context: Context,
  workspace: Workspace,
  input: ReclassifyInput & { readonly cursor?: string | undefined },
): Promise<
  Result<ReclassifyReport & { readonly nextCursor: string | undefined }, ValidationRefusal>
> {
  const { from = beginning, to = new Date(endOfTime), cursor, dryRun = false } = input;
  const after = cursor === undefined ? undefined : readTimeCursor(cursor);
  if (cursor !== undefined && after === undefined)
    return refuseField('cursor', 'must be the next_cursor of an answer');
  for (const [field, time] of Object.entries({ from, to }))
    if (Number.isNaN(time.getTime())) return refuseField(field, 'must be a time');
  const page = { from, to, after, limit: touchesAtOnce };
  const touches = await findTouches(context.database, workspace.id, page);
  const { changed, left } = await judge(context, workspace, touches);
  if (!dryRun && changed.length > 0) await write(context, workspace, changed);
  const last = touches.length < touchesAtOnce ? undefined : touches.at(-1);
  return ok({
    touches: touches.length,
    changed: changed.filter(({ isMoved }) => isMoved).length,
    left,
    nextCursor: last && timeCursorOf({ occurredAt: last.occurred_at, id: last.id }),
  });
}

interface Change extends DecidedColumns {
  readonly id: string;
  readonly touch: StoredTouch;
  /** Whether more than the version of the rules is new. */
  readonly isMoved: boolean;
}

async function judge(
  context: Context,
  workspace: Workspace,
  touches: readonly StoredTouch[],
): Promise<{ readonly changed: readonly Change[]; readonly left: number }> {
  const ownHosts = context.workspaces.ownHosts(workspace);
  const { sourceRules } = workspace.settings;
  const links = new Map<string, RulesOfNow['link']>();
  for (const id of new Set(touches.flatMap((touch) => touch.link_id ?? [])))
    links.set(id, await getLink(context, workspace, id));
  const landed = touches.filter(isLanding).flatMap(({ url }) => idsInAddress(url ?? ''));
  const clicks = new Map<string, DecidedColumns>(
    (await findClicks(context.database, workspace.id, landed)).map((click) => [click.id, click]),
  );
  const changed: Change[] = [];
  let left = 0;
  for (const touch of touches) {
    const now = isLanding(touch)
      ? ofClick(touch, clicks)
      : ofRules(touch, { ownHosts, sourceRules, link: links.get(touch.link_id ?? '') });
    if (now === undefined) {
      left += 1;
      continue;
    }
    if (touch.kind === 'click') clicks.set(touch.id, now);
    if (decidedColumns.every((column) => now[column] === touch[column])) continue;
    const isMoved = decidedColumns.some(
      (column) => column !== 'rules_version' && now[column] !== touch[column],
    );
    changed.push({ ...now, id: touch.id, touch, isMoved });
  }
  return { changed, left };
}

/** A landing of one of our clicks has the source of the click, and stays its landing. */
function isLanding(touch: StoredTouch): boolean {
  return touch.rule === 'own_link';
}

function ofClick(
  touch: StoredTouch,
  clicks: ReadonlyMap<string, DecidedColumns>,
): DecidedColumns | undefined {
  const click = idsInAddress(touch.url ?? '').flatMap((id) => clicks.get(id) ?? [])[0];
  if (click === undefined) return undefined;
  const { kind, confidence, rule, referrer_host } = touch;
  return { ...click, kind, confidence, rule, referrer_host };
}

function ofRules(touch: StoredTouch, rules: RulesOfNow): DecidedColumns | undefined {
  const { kind, rule, url, referrer } = touch;
  const kept = { kind, rule, url, referrer, clickIdType: touch.click_id_type };
  const source = reclassify({ ...kept, userAgent: touch.user_agent, linkId: touch.link_id }, rules);
  return source && { ...toColumns(source), kind: kindAfter(kind, source) };
}

function toColumns(source: ClassifiedSource): DecidedColumns {
  return {
    kind: source.kind,
    source: source.source ?? null,
    medium: source.medium ?? null,
    campaign: source.campaign ?? null,
    content: source.content ?? null,
    term: source.term ?? null,
    click_id_type: source.clickIdType ?? null,
    platform: source.platform ?? null,
    confidence: source.confidence,
    rule: source.rule,
    channel: source.channel,
    rules_version: source.rulesVersion,
    referrer_host: source.referrerHost ?? null,
  };
}

/** Begins again where somebody was joined before the people were locked. */
async function write(
  context: Context,
  workspace: Workspace,
  changes: readonly Change[],
): Promise<void> {
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const isDone = await context.database.transact((tx) =>
      writeTogether(context, workspace, tx, changes),
    );
    if (isDone) return;
  }
  throw new UnavailableError('People are being joined all the time.', { retryAfterSeconds: 1 });
}

async function writeTogether(
  { database }: Pick<Context, 'database'>,
  { id: workspaceId }: Pick<Workspace, 'id'>,
  tx: Transaction,
  changes: readonly Change[],
): Promise<boolean> {
  const moved = changes.filter(({ isMoved }) => isMoved).map(({ touch }) => touch);
  const store = createReplayStore(database.schema, sessionTotals);
  const visitors = [...new Set(moved.map((touch) => touch.visitor_id))];
  const roots = await store.findRootsOf(tx, workspaceId, visitors);
  const members = await store.findMembers(tx, workspaceId, roots);
  const locked = await store.lockMembers(tx, workspaceId, members);
  const rootsNow = [...new Set(locked.map((row) => row.root_id))];
  const membersNow = await store.findMembers(tx, workspaceId, rootsNow);
  if (rootsNow.length !== roots.length || membersNow.length !== locked.length) return false;
  await updateTouches(tx, database.schema, workspaceId, changes);
  await recreditPeople(tx, database.schema, workspaceId, rootsNow);
  const visits = [...new Set(moved.flatMap((touch) => touch.session_id ?? []))];
  await emptyHours(tx, database.schema, workspaceId, { visitors: [], visits, times: [] });
  return true;
}
