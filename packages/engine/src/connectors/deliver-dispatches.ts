import type { Context } from '../context.ts';
import { minute } from '../kernel/clock.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import { isOutage } from '../store/outage.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { ConfiguredConnector } from './configured-connector.ts';
import {
  findConnectedWorkspaces,
  findConnector,
  pauseConnector,
  restConnector,
  selectConnectors,
} from './connector-store.ts';
import type { Connector } from './connector.ts';
import { openCredentials } from './credentials.ts';
import { deliverClaimed } from './deliver-claimed.ts';
import type { ConnectorVerdict } from './deliver-claimed.ts';
import { claimDispatches, settleDispatches, skipDispatches } from './dispatch-claim-store.ts';
import { skipReasons } from './dispatch.ts';
import type { DispatchResult } from './dispatch.ts';
import { followUpDispatches } from './follow-up-dispatches.ts';
import { readConfiguration } from './read-configuration.ts';
import type { StoredConnector } from './stored-connector.ts';

/** What one call of `deliverDue` did. */
export interface DeliveryReport {
  readonly delivered: number;
  /** Tried, or put off, and due again later. */
  readonly retried: number;
  readonly failed: number;
  readonly skipped: number;
}

/** How long a process has for what it has claimed; then it counts as dead, and somebody else takes it over. */
const claimLife = 15 * minute;
/** Dispatches that are claimed at once: what one request takes, within these. */
const claimLeast = 20;
const claimMost = 1_000;
/** Connectors that are served side by side: one that hangs does not hold up the others. */
const sideBySide = 4;

/**
 * Sends every conversion that is due by the clock, to every connector of every workspace. Several processes may do this at
 * once: each dispatch is claimed by one of them.
 */
export async function deliverDispatches(
  context: Context,
  { goesOn = () => true }: { readonly goesOn?: () => boolean } = {},
): Promise<DeliveryReport> {
  const report = { delivered: 0, retried: 0, failed: 0, skipped: 0 };
  if (context.options.connectors?.enabled === false) return report;
  const waiting: Array<readonly [Workspace, type: string]> = [];
  for (const id of await findConnectedWorkspaces(context.database.db)) {
    const workspace = await context.workspaces.get(id);
    if (workspace === undefined) continue;
    for (const { type } of await selectConnectors(context.database.db, id))
      waiting.push([workspace, type]);
  }
  const serve = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && goesOn(); next = waiting.shift())
      await serveConnector(context, next[0], next[1], { goesOn, report });
  };
  await Promise.all(Array.from({ length: sideBySide }, serve));
  return report;
}

type Round = { readonly goesOn: () => boolean; readonly report: Counts };
type Counts = { -readonly [Name in keyof DeliveryReport]: number };

/** What goes wrong with one connector does not keep the others waiting. */
async function serveConnector(
  context: Context,
  workspace: Workspace,
  type: string,
  round: Round,
): Promise<void> {
  try {
    await deliverTo(context, workspace, type, round);
  } catch (error) {
    if (isOutage(error)) throw error;
    context.logger.error('Conversions could not be sent.', {
      workspaceId: workspace.id,
      connector: type,
      error: describeFault(error),
    });
  }
}

async function deliverTo(
  context: Context,
  workspace: Workspace,
  type: string,
  { goesOn, report }: Round,
): Promise<void> {
  const { database, clock } = context;
  const owner = { workspaceId: workspace.id, connector: type };
  const connector = await context.connectors.registry.find(type);
  // Read anew for each claim: somebody may switch it off meanwhile, and tokens are renewed.
  for (let isFirst = true; goesOn(); isFirst = false) {
    const stored = await findConnector(database.db, workspace.id, type);
    if (stored === undefined) return;
    if (!stored.enabled) return skipAll(context, owner, report);
    // Another process may have the connector: a host's own is where its code is.
    if (connector === undefined || isStopped(stored, clock.now())) return;
    const configured = configure(context, connector, stored);
    if ('kind' in configured) return stop(context, stored, configured);
    if (isFirst) await followUpDispatches(context, configured);

    const now = clock.now();
    const limit = Math.min(claimMost, Math.max(claimLeast, connector.batch.conversionsMax));
    const claim = { id: context.createId(now), now, until: now + claimLife, limit };
    const claimed = await claimDispatches(database, owner, claim);
    if (claimed.length === 0) return;
    const verdict = await context.telemetry.within(
      'deliver dispatches',
      { attributes: { 'headwater.workspace_id': workspace.id, 'headwater.connector': type } },
      async (span) => {
        const done = await deliverClaimed(context, workspace, configured, claimed);
        await settleDispatches(database, workspace.id, clock.now(), done.results);
        const counts = count(context, report, done.results);
        for (const [outcome, dispatches] of Object.entries(counts))
          span.note({ [`headwater.dispatches.${outcome}`]: dispatches });
        return done.verdict;
      },
    );
    if (verdict.kind !== 'goes_on') return stop(context, stored, verdict);
    if (claimed.length < limit) return;
  }
}

async function skipAll(
  context: Context,
  owner: { readonly workspaceId: string; readonly connector: string },
  report: Counts,
): Promise<void> {
  const why = { reason: 'disabled', message: skipReasons.disabled };
  const skipped = await skipDispatches(context.database, owner, context.clock.now(), why);
  report.skipped += skipped;
  context.connectors.stats.skipped += skipped;
}

function isStopped({ paused, restingUntil }: StoredConnector, now: number): boolean {
  return paused !== undefined || (restingUntil?.getTime() ?? 0) > now;
}

/** The connector with what the workspace has stored for it, or why it cannot work. */
function configure(
  context: Context,
  connector: Connector,
  stored: StoredConnector,
): ConfiguredConnector | Extract<ConnectorVerdict, { readonly kind: 'pauses' }> {
  const configuration = readConfiguration(connector, {
    credentials: openCredentials(context.keyring, stored, stored.sealedCredentials),
    settings: stored.settings,
  });
  return configuration.ok
    ? { connector, stored, configuration: configuration.value }
    : { kind: 'pauses', code: 'configuration_incomplete', message: configuration.message };
}

async function stop(
  context: Context,
  stored: StoredConnector,
  verdict: Exclude<ConnectorVerdict, { readonly kind: 'goes_on' }>,
): Promise<void> {
  const { db } = context.database;
  if (verdict.kind === 'rests') return restConnector(db, stored, new Date(verdict.until));
  const { code, message } = verdict;
  const at = new Date(context.clock.now());
  if (!(await pauseConnector(db, stored, { at, code, message }))) return;
  context.connectors.stats.paused += 1;
  context.logger.warn('A connector is paused until its credentials or settings are mended.', {
    workspaceId: stored.workspaceId,
    connector: stored.type,
    code,
  });
}

function count(context: Context, report: Counts, results: readonly DispatchResult[]): Counts {
  const counts = { delivered: 0, retried: 0, failed: 0, skipped: 0 };
  for (const { status } of results) {
    const name = status === 'pending' || status === 'sending' ? 'retried' : status;
    counts[name] += 1;
    report[name] += 1;
    context.connectors.stats[name] += 1;
  }
  return counts;
}
