import { sql } from 'kysely';

import { createBeacon } from './capture/beacon.ts';
import type { IncomingRequest, OutgoingResponse } from './capture/exchange.ts';
import { createForwardedReader } from './capture/forwarded.ts';
import { createClickRecorder } from './capture/record-click.ts';
import { createLookUpLink } from './capture/look-up-link.ts';
import { createQr } from './capture/qr.ts';
import { createDailySalts } from './capture/daily-salt.ts';
import { createRedirect } from './capture/redirect.ts';
import { openSpool } from './capture/spool.ts';
import type { Spool } from './capture/spool.ts';
import { toIncomingRequest, toWebResponse } from './capture/web-exchange.ts';
import { createWellKnown } from './capture/well-known.ts';
import type { Context } from './context.ts';
import { createHourCache } from './analytics/hour-cache.ts';
import { rollUpAll } from './analytics/roll-up-all.ts';
import { createConnectorPorts } from './connectors/connector-ports.ts';
import { createConnectorJobs } from './connectors/connector-jobs.ts';
import { countWaitingDispatches } from './connectors/count-waiting-dispatches.ts';
import { hasPlanned } from './connectors/has-planned.ts';
import { createDevices } from './devices/devices.ts';
import type { createApp } from './http/app.ts';
import { createHookRegistry } from './hooks/hook-registry.ts';
import { cleanUpAll } from './invitations/clean-up-all.ts';
import { createIngest } from './ingest/create-ingest.ts';
import { foldInbox } from './ingest/fold-inbox.ts';
import { createJobs } from './jobs/jobs.ts';
import type { Jobs } from './jobs/jobs.ts';
import { day, minute, systemClock, toMilliseconds } from './kernel/clock.ts';
import { describeFault } from './kernel/describe-fault.ts';
import { createIdFactory } from './kernel/id.ts';
import { addressPrefix } from './capture/address-prefix.ts';
import { createLibrary } from './library.ts';
import type { Library } from './library.ts';
import { createLinkCache } from './links/link-cache.ts';
import { createLinkDomains } from './links/link-domains.ts';
import { createLinkUses } from './links/link-uses.ts';
import { createPathLinks } from './links/path-links.ts';
import { createCredentialGuard } from './limits/guard-credential.ts';
import { createLimiter } from './limits/limiter.ts';
import { countedNetwork, resolveLimits } from './limits/rate-limit.ts';
import { createLinkHealthJobs } from './links/link-health-jobs.ts';
import { loadSnapshot, saveSnapshot } from './links/link-snapshot.ts';
import { createLiveFeed } from './live/live-feed.ts';
import { createMetrics } from './metrics.ts';
import { createNeighbour } from './neighbour.ts';
import type { Neighbour } from './neighbour.ts';
import { openDatabase, openReplica } from './open-database.ts';
import type { HeadwaterOptions, Logger } from './options.ts';
import { createPlaces } from './places/places.ts';
import { applyRetention, retentionOutlook } from './privacy/apply-retention.ts';
import type { RetentionOutlook } from './privacy/apply-retention.ts';
import { settleAllCommissions } from './partners/settle-commissions.ts';
import { settleAllRewards } from './rewards/settle-all-rewards.ts';
import { createKeyring } from './security/keyring.ts';
import { createChangeLog } from './store/change-log.ts';
import { inspectDatabase } from './store/inspect-database.ts';
import type { DatabaseReport } from './store/inspect-database.ts';
import { distribute } from './store/distribute.ts';
import type { DistributionReport } from './store/distribute.ts';
import { migrate } from './store/migrate.ts';
import { isOutage } from './store/outage.ts';
import { prune } from './store/prune.ts';
import { tidyTables } from './store/tidy-tables.ts';
import type { MigrationReport } from './store/migrate.ts';
import { formatMetrics } from './telemetry/metric.ts';
import { createTelemetry, observeMetrics } from './telemetry/telemetry.ts';
import { createPaymentJobs } from './payments/payment-jobs.ts';
import { countWaitingDeliveries } from './webhooks/count-waiting-deliveries.ts';
import { hasListeners } from './webhooks/has-listeners.ts';
import { createWebhookJobs } from './webhooks/webhook-jobs.ts';
import { createWebhookStats } from './webhooks/webhook-stats.ts';
import { createApiKeyDirectory } from './workspaces/api-key-directory.ts';
import { createWorkspaceDirectory } from './workspaces/workspace-directory.ts';

/** One engine: the parts named after the words of the product, and what serves and runs them. */
export interface Headwater extends Library, AsyncDisposable {
  /** What it was made with. */
  readonly options: HeadwaterOptions;
  /** Brings the database to this version of the schema and makes the first workspace. Safe to call at every start. */
  migrate(): Promise<MigrationReport>;
  /** Spreads the tables of a Citus cluster by workspace; what is spread already is left alone. */
  distribute(): Promise<DistributionReport>;
  /** Begins background work: other processes' changes, spooled clicks, host transactions. */
  start(): Promise<void>;
  /** Finishes what is in flight, then lets go of everything. */
  close(): Promise<void>;
  /** Answers a web-standard request: short links, their QR codes, beacons, the REST API. */
  handler(request: Request, details?: { readonly remoteAddress?: string }): Promise<Response>;
  /** The same without `Request` and `Response`, for short links and beacons; `undefined` for everything else. */
  handle(request: IncomingRequest): Promise<OutgoingResponse | undefined>;
  /** Whether requests can be answered, and by which checks. */
  ready(): Promise<Readiness>;
  /**
   * Resolves with the reason when the embedded database has stopped for good, as it does when a disk takes nothing of
   * its log: every call is refused with `unavailable` then, until the process is started again. Else it never settles.
   */
  readonly stopped: Promise<Error>;
  /** Counters and gauges in Prometheus' text format. */
  metrics(): string;
  /** What somebody who looks after the engine wants to know: versions, sizes, what waits. */
  inspect(): Promise<InspectionReport>;
  /** What something beside the engine needs to keep tables of its own in the same database: a server's sign-in. */
  beside<OtherTables>(schema: string): Neighbour<OtherTables>;
}

/** What `doctor` looks at. */
export interface InspectionReport extends DatabaseReport {
  /** Absent before the first migration. */
  readonly retention?: RetentionOutlook;
}

export interface Readiness {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, 'ok' | 'failed'>>;
}

const silent: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
const maintenanceMilliseconds = 500;
const snapshotEveryRounds = 20;
const pruneEveryRounds = 1_200;
const rollUpEveryRounds = 60;
const tidyEveryRounds = 60;
const countWaitingEveryRounds = 60;
const jobsEveryRounds = 4;
const rewardsEveryRounds = 4;

/**
 * Makes an engine. It opens the database lazily, reads no environment, and starts no timer before `start()`.
 *
 * @example
 * const hw = await createHeadwater({ database: { folder: './.headwater' } });
 * await hw.migrate();
 * @throws {ConfigurationError} the options cannot work.
 */
export async function createHeadwater(options: HeadwaterOptions): Promise<Headwater> {
  const logger = options.logger ?? silent;
  const clock = options.clock ?? systemClock;
  const readForwarded = createForwardedReader(options);
  const limits = resolveLimits(options.limits);
  const { database, secrets } = await openDatabase(options);
  const reports = openReplica(options, database, { clock, logger });
  const base = {
    options,
    database,
    clock,
    createId: createIdFactory(),
    keyring: createKeyring(secrets),
    logger,
    telemetry: createTelemetry(options.telemetry),
  };
  const changeLog = createChangeLog({
    database,
    clock,
    logger,
    everyMilliseconds: toMilliseconds(options.links?.refreshEvery ?? { seconds: 1 }),
  });
  const workspaces = createWorkspaceDirectory(base, changeLog);
  const apiKeys = createApiKeyDirectory({ ...base, changeLog });
  const hooks = createHookRegistry(base);
  const live = createLiveFeed({ ...base, changeLog });
  const ingest = createIngest({ ...base, workspaces, changeLog }, (batch) => {
    hooks.announce(batch);
    live.wake();
    if (hasPlanned(workspaces, batch)) jobs.wake('deliver_conversions');
    if (hasListeners(workspaces, batch)) jobs.wake('deliver_webhooks');
  });
  const places = createPlaces(base);
  const limiter = createLimiter({ ...base, limits });
  const guardCredential = createCredentialGuard(limiter);
  const connectors = createConnectorPorts(options.connectors);
  const webhookStats = createWebhookStats();
  const context: Context = {
    ...base,
    reports,
    workspaces,
    apiKeys,
    ingest,
    changeLog,
    devices: createDevices(),
    places,
    limiter,
    guardCredential,
    hooks,
    live,
    activityHours: createHourCache(),
    webhookStats,
    connectors,
    jobs: { wake: (name) => jobs.wake(name) },
  };
  const jobs: Jobs = createJobs({
    database,
    logger,
    telemetry: base.telemetry,
    jobs: [
      ...createConnectorJobs(context),
      ...createWebhookJobs(context),
      ...createPaymentJobs(context),
      ...createLinkHealthJobs(context),
    ],
  });

  const spool: Spool | undefined =
    options.spoolFolder === undefined
      ? undefined
      : await openSpool({ folder: options.spoolFolder, logger });
  const recorder = createClickRecorder(context, spool);
  const linkCache = createLinkCache({
    database,
    changeLog,
    size: options.links?.cacheSize ?? 10_000,
  });
  if (options.spoolFolder !== undefined)
    linkCache.addFallbacks(await loadSnapshot(options.spoolFolder));
  const salts = createDailySalts(context);
  const domains = createLinkDomains({ database, changeLog });
  const pathLinks = createPathLinks({ database, changeLog, linkCache });
  const uses = createLinkUses(database);
  const redirect = createRedirect(context, {
    linkCache,
    recorder,
    salts,
    domains,
    pathLinks,
    uses,
  });
  const wellKnown = createWellKnown(context, domains);
  const qr = createQr(context, createLookUpLink(context, linkCache));
  const beacon = createBeacon(context, { linkCache, salts });
  // Loaded with the first request that needs it: its schemas are half of a start, and redirects do without.
  let app: Promise<Pick<ReturnType<typeof createApp>, 'fetch'>> | undefined;
  const openApp = () =>
    (app ??= import('./http/app.ts').then(({ createApp }) => createApp(context)));
  const metrics = createMetrics({
    ingest,
    clicks: recorder.stats,
    spool,
    limiter,
    live,
    connectors,
    webhooks: webhookStats,
  });
  const endObserving = observeMetrics(options.telemetry, metrics);

  let lostSeen = 0;
  let lostAt = -Infinity;
  let maintenance: NodeJS.Timeout | undefined;
  let round = 0;
  let retentionAppliedAt = -Infinity;
  let rollingUp: Promise<void> | undefined;
  let settling: Promise<void> | undefined;
  let hoursAreMissing = false;
  let tablesAreUntidy = false;
  let closing: Promise<void> | undefined;

  function handle(request: IncomingRequest): Promise<OutgoingResponse | undefined> {
    return beacon(request) ?? serveLink(request);
  }

  async function serveLink(request: IncomingRequest): Promise<OutgoingResponse | undefined> {
    return (await redirect(request)) ?? (await qr(request)) ?? (await wellKnown(request));
  }

  async function maintain(): Promise<void> {
    round += 1;
    salts.forgetPast();
    await quietly('The inbox could not be taken in.', foldInbox(context));
    if (round % jobsEveryRounds === 1)
      await quietly('Background work could not begin.', jobs.begin());
    if (round % rewardsEveryRounds === 0 && closing === undefined) settling ??= settleOnce();
    if (hoursAreMissing || round % rollUpEveryRounds === 0) rollingUp ??= rollUpOnce();
    if (round % countWaitingEveryRounds === 1)
      await quietly('What waits could not be counted.', countWaiting());
    if (round % snapshotEveryRounds === 0) await snapshot();
    if (round % pruneEveryRounds === 1)
      await quietly('What has served its time could not be deleted.', prune(database, clock));
    if (tablesAreUntidy || round % tidyEveryRounds === 0)
      await quietly('The tables could not be tidied.', tidy());
    if (Math.abs(clock.now() - retentionAppliedAt) >= day) {
      retentionAppliedAt = clock.now();
      await quietly('What is older than it is kept could not be deleted.', applyRetention(context));
      await quietly('Expired invitations could not be archived.', cleanUpAll(context));
    }
  }

  /** Beside the rest, and a part in each round: after an import there is much to do. */
  async function rollUpOnce(): Promise<void> {
    const work = async (): Promise<void> => {
      hoursAreMissing = (await rollUpAll(context)).goesOn;
    };
    await quietly('The hours of the reports could not be made.', work());
    rollingUp = undefined;
  }

  /** One table in each round: what else there is to do has its turn in between. */
  async function tidy(): Promise<void> {
    tablesAreUntidy = false;
    tablesAreUntidy = (await tidyTables(database)).tidied !== undefined;
  }

  async function countWaiting(): Promise<void> {
    await countWaitingDispatches(context);
    await countWaitingDeliveries(context);
  }

  /** Beside the rest too: after a change of a rule every referral is looked at. */
  async function settleOnce(): Promise<void> {
    const isStopped = (): boolean => closing !== undefined;
    await quietly('Rewards could not be settled.', settleAllRewards(context, isStopped));
    await quietly('Commissions could not be settled.', settleAllCommissions(context, isStopped));
    settling = undefined;
  }

  /** An outage is for the next round; anything else is for the operator. */
  async function quietly(message: string, work: Promise<unknown>): Promise<void> {
    await work.catch((error: unknown) => {
      if (!isOutage(error)) logger.error(message, { error: describeFault(error) });
    });
  }

  async function snapshot(): Promise<void> {
    if (options.spoolFolder === undefined) return;
    await saveSnapshot(options.spoolFolder, linkCache.links()).catch((error: unknown) => {
      logger.warn('The snapshot of the links could not be written.', {
        error: describeFault(error),
      });
    });
  }

  async function close(): Promise<void> {
    if (maintenance !== undefined) clearInterval(maintenance);
    endObserving();
    live.close();
    await jobs.close();
    connectors.close();
    await rollingUp;
    await settling;
    await ingest.close();
    await hooks.close();
    await changeLog.stop();
    if (maintenance !== undefined) await snapshot();
    await spool?.close();
    linkCache.close();
    pathLinks.close();
    domains.close();
    await limiter.settle();
    await reports?.close();
    await database.close();
  }

  return {
    ...createLibrary(context),
    options,
    async migrate() {
      const report = await migrate(database, clock);
      await workspaces.first();
      return report;
    },
    distribute: () => distribute(database),
    start() {
      if (maintenance !== undefined) return Promise.resolve();
      changeLog.start();
      // In the background, so that the first clicks need not wait for the database of places.
      void places.ready();
      spool?.start((entry) => recorder.replay(entry));
      let busy = false;
      maintenance = setInterval(() => {
        if (busy) return;
        busy = true;
        void maintain().finally(() => {
          busy = false;
        });
      }, maintenanceMilliseconds);
      maintenance.unref();
      return Promise.resolve();
    },
    close() {
      closing ??= close();
      return closing;
    },
    [Symbol.asyncDispose]() {
      closing ??= close();
      return closing;
    },
    async handler(request, details = {}) {
      const incoming = toIncomingRequest(request, details.remoteAddress, readForwarded);
      const answer = await handle(incoming);
      if (answer !== undefined) return toWebResponse(answer);
      const network = countedNetwork(addressPrefix(incoming.remoteAddress));
      return (await openApp()).fetch(request, network === undefined ? {} : { network });
    },
    handle,
    async ready() {
      const reachable = await sql`select 1`.execute(database.db).then(
        () => true,
        () => false,
      );
      if (recorder.stats.lost > lostSeen) lostAt = clock.now();
      lostSeen = recorder.stats.lost;
      const clicksAreKept = Math.abs(clock.now() - lostAt) > minute;
      return {
        ok: reachable && clicksAreKept,
        checks: { database: reachable ? 'ok' : 'failed', clicks: clicksAreKept ? 'ok' : 'failed' },
      };
    },
    stopped: database.stopped,
    metrics: () => formatMetrics(metrics),
    beside: (schema) => createNeighbour(context, schema, readForwarded),
    async inspect() {
      const report = await inspectDatabase(database);
      return report.schemaVersion === undefined || report.schemaVersion < report.knownVersion
        ? report
        : { ...report, retention: await retentionOutlook(context) };
    },
  };
}
