import type { HourCache } from './analytics/hour-cache.ts';
import type { ConnectorPorts } from './connectors/connector-ports.ts';
import type { Devices } from './devices/devices.ts';
import type { Ingest } from './ingest/event.ts';
import type { JobWaker } from './jobs/job.ts';
import type { Clock } from './kernel/clock.ts';
import type { IdFactory } from './kernel/id.ts';
import type { GuardCredential } from './limits/guard-credential.ts';
import type { Limiter } from './limits/limiter.ts';
import type { HookRegistry } from './hooks/hook-registry.ts';
import type { LiveFeed } from './live/live-feed.ts';
import type { HeadwaterOptions, Logger } from './options.ts';
import type { Places } from './places/places.ts';
import type { Keyring } from './security/keyring.ts';
import type { ChangeLog } from './store/change-log.ts';
import type { Database } from './store/database.ts';
import type { ReportDatabase } from './store/report-database.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import type { WebhookStats } from './webhooks/webhook-stats.ts';
import type { ApiKeyDirectory } from './workspaces/api-key.ts';
import type { WorkspaceDirectory } from './workspaces/workspace.ts';

/** What the parts of one engine share. Made by `engine.ts`, handed to use cases as their first argument. */
export interface Context {
  readonly options: HeadwaterOptions;
  readonly database: Database;
  /** Where reports are read, if not in the database itself. */
  readonly reports?: ReportDatabase | undefined;
  readonly clock: Clock;
  readonly createId: IdFactory;
  readonly keyring: Keyring;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly workspaces: WorkspaceDirectory;
  readonly apiKeys: ApiKeyDirectory;
  readonly ingest: Ingest;
  readonly changeLog: ChangeLog;
  readonly devices: Devices;
  readonly places: Places;
  readonly limiter: Limiter;
  readonly guardCredential: GuardCredential;
  readonly hooks: HookRegistry;
  readonly live: LiveFeed;
  readonly activityHours: HourCache;
  readonly connectors: ConnectorPorts;
  readonly jobs: JobWaker;
  readonly webhookStats: WebhookStats;
  /** Who does what is done now, for the audit log: the id of an API key, or what the host calls its caller. */
  readonly actor?: string | undefined;
}
