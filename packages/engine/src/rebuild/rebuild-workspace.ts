import { markAllHours } from '../analytics/empty-hours.ts';
import type { Context } from '../context.ts';
import { hasAllConversions, isComplete } from './completeness-store.ts';
import { rebuildIdentities } from '../visitors/rebuild-identities.ts';
import { settleCommissions } from '../partners/settle-commissions.ts';
import { settleRewards } from '../rewards/settle-rewards.ts';
import { recountProjects } from '../projects/recount-projects.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { landLateClicks } from './land-late-clicks.ts';
import { rebuildPeople } from './rebuild-people.ts';
import { recountLinks } from './recount-links.ts';

/** What a rebuild is doing, in this order. */
export type RebuildStep = 'identities' | 'people' | 'links' | 'rewards';

export interface RebuildProgress {
  readonly step: RebuildStep;
  readonly done: number;
  /** `undefined` where it is not known beforehand. */
  readonly total: number | undefined;
}

export interface RebuildOptions {
  readonly onProgress?: (progress: RebuildProgress) => void;
}

/** How many rows were not as the events make them, by what they are. Of a second rebuild all are zero. */
export interface WorkspaceRebuildReport {
  /** People there are now. */
  readonly people: number;
  /** Whether every event that was ever accepted is still there: only then totals are counted again. */
  readonly isComplete: boolean;
  readonly changed: {
    /** Clicks whose landing was recorded before them. */
    readonly lateClicks: number;
    /** Visitors whose person is another one. */
    readonly identities: number;
    readonly visits: number;
    readonly touches: number;
    /** Events that belong to another visit or touch. */
    readonly events: number;
    /** Visitors whose visit or counts were wrong. */
    readonly visitors: number;
    readonly conversions: number;
    readonly visitorRevenue: number;
    readonly links: number;
    /** Entries of the ledger that rewards and commissions lacked. */
    readonly rewards: number;
    /** Counters of projects. */
    readonly projects: number;
  };
}

/**
 * Makes everything that follows from the events again, as far back as they are kept: people, visits, touches,
 * conversions with their credit, the counters of visitors, links and projects, the rewards of referrals and the
 * commissions of partners. What is right is not written, so a second rebuild changes nothing. Events go on coming in meanwhile; who is looked at is locked for a moment.
 */
export async function rebuildWorkspace(
  context: Context,
  workspace: Workspace,
  { onProgress = () => undefined }: RebuildOptions = {},
): Promise<WorkspaceRebuildReport> {
  try {
    return await rebuild(context, workspace, onProgress);
  } finally {
    // What reports keep of each hour is made again from these rows, however far it came.
    const { database } = context;
    await database.transact((tx) => markAllHours(tx, database.schema, workspace.id));
  }
}

async function rebuild(
  context: Context,
  workspace: Workspace,
  onProgress: (progress: RebuildProgress) => void,
): Promise<WorkspaceRebuildReport> {
  const whole = await isComplete(context.database, workspace.id);
  onProgress({ step: 'identities', done: 0, total: undefined });
  const lateClicks = await landLateClicks(context, workspace);
  const identities = await rebuildIdentities(context, workspace);
  const people = await rebuildPeople(context, workspace, whole, (done, total) => {
    onProgress({ step: 'people', done, total });
  });
  const countsLinks = whole && (await hasAllConversions(context.database, workspace.id));
  const links = countsLinks
    ? await recountLinks(context, workspace, (done) => {
        onProgress({ step: 'links', done, total: undefined });
      })
    : 0;
  onProgress({ step: 'rewards', done: 0, total: undefined });
  const rewarded = await settleRewards(context, workspace, { all: true });
  const earned = await settleCommissions(context, workspace, { all: true });
  const rewards = rewarded.entries + earned.entries;
  const projects = await recountProjects(context, workspace);
  const { total, ...changed } = people;
  const report: WorkspaceRebuildReport = {
    people: total,
    isComplete: whole,
    changed: { lateClicks, identities: identities.moved, ...changed, links, rewards, projects },
  };
  context.logger.info('A workspace was rebuilt from its events.', {
    workspaceId: workspace.id,
    ...report,
  });
  return report;
}
