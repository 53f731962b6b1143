import { createHourCache } from '../../packages/engine/src/analytics/hour-cache.ts';
import { createConnectorPorts } from '../../packages/engine/src/connectors/connector-ports.ts';
import type { Context } from '../../packages/engine/src/context.ts';
import { createDevices } from '../../packages/engine/src/devices/devices.ts';
import { createHookRegistry } from '../../packages/engine/src/hooks/hook-registry.ts';
import { createIngest } from '../../packages/engine/src/ingest/create-ingest.ts';
import { createLiveFeed } from '../../packages/engine/src/live/live-feed.ts';
import { systemClock } from '../../packages/engine/src/kernel/clock.ts';
import { createIdFactory } from '../../packages/engine/src/kernel/id.ts';
import type { HeadwaterOptions, Logger } from '../../packages/engine/src/options.ts';
import { createPlaces } from '../../packages/engine/src/places/places.ts';
import { createCredentialGuard } from '../../packages/engine/src/limits/guard-credential.ts';
import { createLimiter } from '../../packages/engine/src/limits/limiter.ts';
import { resolveLimits } from '../../packages/engine/src/limits/rate-limit.ts';
import { createKeyring } from '../../packages/engine/src/security/keyring.ts';
import { createChangeLog } from '../../packages/engine/src/store/change-log.ts';
import type { Database } from '../../packages/engine/src/store/database.ts';
import { createTelemetry } from '../../packages/engine/src/telemetry/telemetry.ts';
import { distribute } from '../../packages/engine/src/store/distribute.ts';
import { migrate } from '../../packages/engine/src/store/migrate.ts';
import { createEmbeddedDatabase } from '../../packages/engine/src/store/pglite.ts';
import { createDatabase, createPool } from '../../packages/engine/src/store/postgres.ts';
import { openMigratedMemory } from '../../packages/engine/src/testing/template.ts';
import { createWebhookStats } from '../../packages/engine/src/webhooks/webhook-stats.ts';
import { createApiKeyDirectory } from '../../packages/engine/src/workspaces/api-key-directory.ts';
import { createWorkspaceDirectory } from '../../packages/engine/src/workspaces/workspace-directory.ts';
import { createPostgresDatabase } from './postgres.ts';
import type { PostgresDatabase } from './postgres.ts';

/** `citus` is the empty database of a cluster that `HEADWATER_CITUS_URL` names. */
export type TestDatabaseSize = 'pglite' | 'postgres' | 'citus';

export const testDatabaseSizes: readonly TestDatabaseSize[] = ['pglite', 'postgres'];

/** A context on a migrated database of its own, with a clock that stands still until it is moved. */
export interface TestContext extends Context, AsyncDisposable {
  readonly clock: { now(): number; moveBy(milliseconds: number): void };
  /** Where connections of one's own go; empty for PGlite. */
  readonly url: string;
  /** What was logged, to be searched for what must not be there. */
  readonly logged: readonly string[];
  /** The same rows seen by another process, which remembers nothing yet. */
  another(options?: Partial<HeadwaterOptions>): Context;
}

export async function openTestContext(
  size: TestDatabaseSize,
  options: Partial<HeadwaterOptions> = {},
): Promise<TestContext> {
  const { database, url, close } = await openDatabase(size);
  let now = Date.UTC(2026, 10, 21, 9, 0, 0);
  const clock = {
    now: () => now,
    moveBy(milliseconds: number) {
      now += milliseconds;
    },
  };
  await migrate(database, clock);
  if (size === 'citus') await distribute(database);
  const logged: string[] = [];
  const log = (message: string, details?: unknown): void => {
    logged.push(`${message} ${JSON.stringify(details)}`);
  };
  const logger: Logger = { info: log, warn: log, error: log };
  const another = (more: Partial<HeadwaterOptions> = {}): Context =>
    assemble(database, clock, logger, { ...options, ...more });

  return Object.assign(another(), { clock, logged, url, another, [Symbol.asyncDispose]: close });
}

/** The rows of a database that something else has written; the clock is the system's. */
export function contextOn(database: Database, secret: string): Context {
  const silent = (): void => undefined;
  const logger = { info: silent, warn: silent, error: silent };
  return assemble(database, systemClock, logger, { secret: [{ id: 'k1', value: secret }] });
}

function assemble(
  database: Database,
  clock: Context['clock'],
  logger: Logger,
  more: Partial<HeadwaterOptions>,
): Context {
  const options: HeadwaterOptions = { database: { folder: 'in the tests' }, ...more };
  const secret = [{ id: 'test', value: 'a secret of the tests that is long enough' }];
  const keyring = createKeyring(typeof more.secret === 'object' ? more.secret : secret);
  const telemetry = createTelemetry(options.telemetry);
  const base = {
    options,
    database,
    clock,
    createId: createIdFactory(),
    keyring,
    logger,
    telemetry,
  };
  const changeLog = createChangeLog({ ...base, everyMilliseconds: 1_000 });
  const workspaces = createWorkspaceDirectory(base, changeLog);
  const limiter = createLimiter({ ...base, limits: resolveLimits(options.limits) });
  const hooks = createHookRegistry(base);
  const live = createLiveFeed({ ...base, changeLog });
  const ingest = createIngest({ ...base, workspaces, changeLog }, (batch) => {
    hooks.announce(batch);
    live.wake();
  });
  return {
    ...base,
    limiter,
    guardCredential: createCredentialGuard(limiter),
    workspaces,
    apiKeys: createApiKeyDirectory({ ...base, changeLog }),
    changeLog,
    devices: createDevices(),
    places: createPlaces(base),
    ingest,
    hooks,
    live,
    activityHours: createHourCache(),
    webhookStats: createWebhookStats(),
    connectors: createConnectorPorts(options.connectors),
    jobs: { wake: () => undefined },
  };
}

async function openDatabase(
  size: TestDatabaseSize,
): Promise<{ database: Database; url: string; close: () => Promise<void> }> {
  if (size === 'pglite') {
    const pglite = await openMigratedMemory();
    const database = createEmbeddedDatabase(pglite, {
      schema: 'headwater',
      close: () => pglite.close(),
    });
    return { database, url: '', close: () => database.close() };
  }
  const server = size === 'citus' ? cluster() : await createPostgresDatabase();
  const pool = createPool(server.url, 10);
  const database = createDatabase(pool, {
    size: 'server',
    schema: 'headwater',
    batchesInFlight: 2,
    prepare: true,
    onClose: () => pool.end(),
  });
  return {
    database,
    url: server.url,
    async close() {
      await database.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

function cluster(): PostgresDatabase {
  const url = process.env['HEADWATER_CITUS_URL'];
  if (url === undefined) throw new Error('HEADWATER_CITUS_URL names the database of the cluster');
  return {
    url,
    async [Symbol.asyncDispose]() {
      const pool = createPool(url, 1);
      await pool.query('drop schema headwater cascade');
      await pool.end();
    },
  };
}
