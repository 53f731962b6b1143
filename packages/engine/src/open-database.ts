import { ConfigurationError } from './kernel/errors.ts';
import type { HeadwaterOptions, Logger } from './options.ts';
import type { Secret } from './security/keyring.ts';
import type { Database } from './store/database.ts';
import { toMilliseconds } from './kernel/clock.ts';
import type { Clock } from './kernel/clock.ts';
import { createReportDatabase } from './store/report-database.ts';
import type { ReportDatabase } from './store/report-database.ts';
import { createDatabase, createPool } from './store/postgres.ts';

/** Batches of one workspace that may be committing at once on PostgreSQL (measured: design §5). */
const batchesInFlight = 2;

/** The database of the options, and the secrets that key it: the embedded one brings its own. */
export async function openDatabase(
  options: HeadwaterOptions,
): Promise<{ readonly database: Database; readonly secrets: readonly Secret[] }> {
  const schema = options.schema ?? 'headwater';
  const given = secretsOf(options);
  const { database: chosen } = options;

  if ('folder' in chosen) {
    // Loaded only by those who use it: PGlite is the largest dependency.
    const { openEmbeddedFolder } = await import('./store/embedded-folder.ts');
    const { createEmbeddedDatabase } = await import('./store/pglite.ts');
    const folder = await openEmbeddedFolder(chosen.folder, { keepSecret: given === undefined });
    return {
      database: createEmbeddedDatabase(folder.pglite, { schema, close: () => folder.close() }),
      secrets: given ?? [{ id: 'k1', value: folder.secret! }],
    };
  }
  if (given === undefined) {
    throw new ConfigurationError(
      '`secret` (HEADWATER_SECRET) is required: it keys the hashes and the encryption of what is stored.',
    );
  }
  if ('pglite' in chosen) {
    const { createEmbeddedDatabase } = await import('./store/pglite.ts');
    return { database: createEmbeddedDatabase(chosen.pglite, { schema }), secrets: given };
  }
  const pool = 'pool' in chosen ? chosen.pool : createPool(chosen.url, chosen.connections ?? 10);
  return {
    database: createDatabase(pool, {
      size: 'server',
      schema,
      batchesInFlight,
      prepare: chosen.prepare ?? true,
      onClose: () => ('pool' in chosen ? Promise.resolve() : pool.end()),
    }),
    secrets: given,
  };
}

/** The replica of the options, if there is one. */
export function openReplica(
  options: HeadwaterOptions,
  primary: Database,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): ReportDatabase | undefined {
  const { replica, database } = options;
  if (replica === undefined) return undefined;
  if (primary.size === 'embedded')
    throw new ConfigurationError(
      '`replica` (HEADWATER_REPLICA_URL) goes with a PostgreSQL: the embedded database has none.',
    );
  const pool = createPool(replica.url, replica.connections ?? 10);
  return createReportDatabase({
    primary,
    replica: createDatabase(pool, {
      size: 'server',
      schema: primary.schema,
      batchesInFlight,
      prepare: ('prepare' in database ? database.prepare : undefined) ?? true,
      onClose: () => pool.end(),
    }),
    clock,
    logger,
    lagMilliseconds: toMilliseconds(replica.lagMax ?? { seconds: 10 }),
  });
}

function secretsOf(options: HeadwaterOptions): readonly Secret[] | undefined {
  const { secret } = options;
  if (secret === undefined) return undefined;
  return typeof secret === 'string' ? [{ id: 'k1', value: secret }] : secret;
}
