import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { DatabaseReport, RetentionOutlook } from 'headwater';

import type { ServerConfig } from '../config.ts';
import { withEngine } from '../engine.ts';
import { CommandFailure, explainFailure } from '../failure.ts';
import type { Log } from '../log.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'failed';
  readonly message: string;
}

/** Looks at everything that has to work, and fails when something does not. */
export async function doctor(config: ServerConfig, log: Log, terminal: Terminal): Promise<void> {
  const findings = [
    checkFolder(config),
    checkSecret(config),
    checkSpool(config),
    await checkPlaces(config),
    ...(await checkDatabase(config, log)),
  ];
  if (terminal.json) {
    terminal.print(
      JSON.stringify({
        ok: findings.every((finding) => finding.state !== 'failed'),
        checks: findings,
      }),
    );
  } else {
    terminal.print(
      formatTable(
        ['check', 'state', ''],
        findings.map((finding) => [finding.check, finding.state, finding.message]),
      ),
    );
  }
  const failed = findings.filter((finding) => finding.state === 'failed');
  if (failed.length > 0)
    throw new CommandFailure(
      `${failed.length} of ${findings.length} checks failed: ${failed.map(({ check }) => check).join(', ')}`,
    );
}

function checkFolder(config: ServerConfig): Finding {
  const check = 'data folder';
  const probe = join(config.dataFolder, `.probe-${randomBytes(6).toString('hex')}`);
  try {
    mkdirSync(config.dataFolder, { recursive: true, mode: 0o700 });
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    return {
      check,
      state: 'failed',
      message: `${config.dataFolder} cannot be written: ${explainFailure(error).message}`,
    };
  }
  if (process.platform !== 'win32' && (statSync(config.dataFolder).mode & 0o077) !== 0) {
    return {
      check,
      state: 'warning',
      message: `${config.dataFolder} can be read by other users: chmod 700`,
    };
  }
  return { check, state: 'ok', message: config.dataFolder };
}

function checkSecret(config: ServerConfig): Finding {
  const check = 'secret';
  if (config.engine.secret !== undefined) {
    const ids =
      typeof config.engine.secret === 'string' ? ['k1'] : config.engine.secret.map(({ id }) => id);
    return {
      check,
      state: 'ok',
      message: `from HEADWATER_SECRET; ${ids[0]} writes${ids.length > 1 ? `, ${ids.slice(1).join(', ')} can still be read` : ''}`,
    };
  }
  const path = join(config.dataFolder, 'secret');
  if (!existsSync(path))
    return {
      check,
      state: 'warning',
      message: 'made when the embedded database is opened for the first time',
    };
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
    return { check, state: 'failed', message: `${path} can be read by other users: chmod 600` };
  }
  return { check, state: 'ok', message: `${path}; back it up with the database` };
}

/** Beside them lies the snapshot of the links. */
const spoolFile = /^clicks\..*\.ndjson$/;

function checkSpool(config: ServerConfig): Finding {
  const check = 'spool';
  const folder = config.engine.spoolFolder ?? '';
  if (!existsSync(folder)) return { check, state: 'ok', message: 'empty' };
  const waiting = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && spoolFile.test(entry.name))
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  return waiting === 0
    ? { check, state: 'ok', message: 'empty' }
    : {
        check,
        state: 'warning',
        message: `${formatBytes(waiting)} of clicks wait; a running server writes them when the database answers`,
      };
}

/** MaxMind releases twice a week; after months, many networks have moved. */
const placeFileDaysMax = 90;

async function checkPlaces(config: ServerConfig): Promise<Finding> {
  const check = 'places';
  const { placeFile } = config;
  if (config.engine.geo === false) return { check, state: 'ok', message: 'switched off' };
  if (!existsSync(placeFile)) {
    return placeFile === join(config.dataFolder, 'places.mmdb')
      ? { check, state: 'ok', message: 'countries; headwater geo download adds cities' }
      : { check, state: 'warning', message: `countries only: there is no ${placeFile}` };
  }
  try {
    const { inspectPlaceFile } = await import('headwater');
    const { databaseType, builtAt } = await inspectPlaceFile(placeFile);
    const message = `${databaseType} of ${builtAt.toISOString().slice(0, 10)}`;
    const days = (Date.now() - builtAt.getTime()) / 86_400_000;
    return days > placeFileDaysMax
      ? { check, state: 'warning', message: `${message} is old: headwater geo download` }
      : { check, state: 'ok', message };
  } catch (error) {
    return { check, state: 'failed', message: `${placeFile}: ${explainFailure(error).message}` };
  }
}

async function checkDatabase(config: ServerConfig, log: Log): Promise<readonly Finding[]> {
  const check = 'database';
  if (config.embedded && !existsSync(join(config.dataFolder, 'database'))) {
    return [
      { check, state: 'warning', message: 'the embedded database is made at the first start' },
    ];
  }
  try {
    const report = await withEngine(config, log, (hw) => hw.inspect());
    const kind = config.embedded ? 'embedded PostgreSQL' : 'PostgreSQL';
    return [
      {
        check,
        state: 'ok',
        message: `${kind} ${report.serverVersion}, ${formatBytes(report.bytes)}, about ${report.events} events`,
      },
      checkVersion(report),
      checkPartitions(report, config),
      ...(report.retention === undefined ? [] : [checkRetention(report.retention)]),
      ...(config.embedded ? [adviseOnSize(report)] : []),
    ];
  } catch (error) {
    if ((error as { code?: unknown }).code === 'folder_locked') {
      return [
        { check, state: 'warning', message: `not looked at: ${explainFailure(error).message}` },
      ];
    }
    return [{ check, state: 'failed', message: explainFailure(error).message }];
  }
}

const oldestServer = 15;

function checkVersion(report: DatabaseReport): Finding {
  const check = 'schema';
  if (Number.parseInt(report.serverVersion, 10) < oldestServer) {
    return { check, state: 'failed', message: `PostgreSQL ${oldestServer} or newer is needed` };
  }
  const { schemaVersion, knownVersion } = report;
  if (schemaVersion === undefined)
    return { check, state: 'warning', message: 'not made yet: headwater migrate' };
  if (schemaVersion > knownVersion) {
    return {
      check,
      state: 'failed',
      message: `version ${schemaVersion} is from a newer Headwater; this one knows ${knownVersion}`,
    };
  }
  if (schemaVersion < knownVersion) {
    return {
      check,
      state: 'warning',
      message: `version ${schemaVersion} of ${knownVersion}: headwater migrate, or the next start, brings it up`,
    };
  }
  return { check, state: 'ok', message: `version ${schemaVersion}` };
}

function checkPartitions(report: DatabaseReport, config: ServerConfig): Finding {
  const check = 'partitions';
  if (report.schemaVersion === undefined) return { check, state: 'ok', message: 'none yet' };
  const now = new Date();
  const missing = [0, 1]
    .map((ahead) => partitionName(now.getUTCFullYear(), now.getUTCMonth() + ahead))
    .filter((name) => !report.partitions.includes(name));
  if (missing.length === 0 || config.engine.createPartitions !== false) {
    return {
      check,
      state: 'ok',
      message: `${report.partitions.length} months; missing ones are made as events need them`,
    };
  }
  return {
    check,
    state: 'failed',
    message: `${missing.join(', ')} missing, and HEADWATER_CREATE_PARTITIONS is off`,
  };
}

function checkRetention({ unlimited, nextPartition }: RetentionOutlook): Finding {
  const check = 'retention';
  if (unlimited > 0)
    return {
      check,
      state: 'ok',
      message: `events are kept for ever by ${unlimited} ${unlimited === 1 ? 'workspace' : 'workspaces'}, so no month is dropped as a whole`,
    };
  return {
    check,
    state: 'ok',
    message:
      nextPartition === undefined
        ? 'no events yet'
        : `${nextPartition.name} is dropped on ${nextPartition.at.toISOString().slice(0, 10)}`,
  };
}

function partitionName(year: number, month: number): string {
  return `event_${new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 7).replace('-', '_')}`;
}

/** Beyond this, restarts, backups and reports of the embedded database take long. */
const embeddedEventsMax = 2_000_000;
const embeddedBytesMax = 2 * 1024 ** 3;

function adviseOnSize(report: DatabaseReport): Finding {
  const check = 'size';
  if (report.events > embeddedEventsMax || report.bytes > embeddedBytesMax) {
    return {
      check,
      state: 'warning',
      message: 'time for PostgreSQL: set DATABASE_URL (docs/configuration.md)',
    };
  }
  return {
    check,
    state: 'ok',
    message:
      'the embedded database is enough; a power cut can lose its last moments, PostgreSQL does not',
  };
}

function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power =
    bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1000)));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
