/**
 * Headwater as a library: where each customer came from, and what every source is worth.
 *
 * `createHeadwater` makes the engine; `orThrow` unwraps an answer that may be a refusal. Everything else here is a
 * type, an error to recognise, or what a command line needs. Adapters have doors of their own (`headwater/node`).
 *
 * @module
 */
export { createHeadwater } from './engine.ts';
export type { Headwater, InspectionReport, Readiness } from './engine.ts';
export type {
  HeadwaterOptions,
  DatabaseOption,
  Authenticate,
  AuthenticateAnswer,
  Logger,
} from './options.ts';
export type { InWorkspace, Library, TrackIn, WriteIn } from './library.ts';
export { ok, orThrow, RefusedError } from './kernel/result.ts';
export type { Refusal, Result } from './kernel/result.ts';
export { ConfigurationError, HeadwaterError, UnavailableError } from './kernel/errors.ts';
export type { Clock, Duration } from './kernel/clock.ts';
export type { Money } from './kernel/money.ts';
export type { Secret } from './security/keyring.ts';
export type { HostTransaction, WriteOptions } from './store/database.ts';
export type { RetentionOutlook, RetentionReport } from './privacy/apply-retention.ts';
export type { PrivacyStatement } from './privacy/describe-storage.ts';
export type { ErasureReceipt } from './privacy/erasure.ts';
export type { ExportedRow, PersonExport } from './privacy/export-person.ts';
export type { PersonReference } from './privacy/person-reference.ts';
export type { DatabaseReport } from './store/inspect-database.ts';
export { printMigrations } from './store/migrate.ts';
export type { MigrationReport } from './store/migrate.ts';
export type {
  EventType,
  Identifier,
  IdentityOutcome,
  IngestOutcome,
  Origin,
} from './ingest/event.ts';
export type { TrackEventInput, TrackEventOptions } from './ingest/track-event.ts';
export type { Link, LinkType } from './links/link.ts';
export type { LinkInput } from './links/create-link.ts';
export type { LinkStats } from './links/link-stats.ts';
export type { QrCode } from './links/qr-code.ts';
export type { QrOptions } from './links/qr-options.ts';
export type { ShareOptions, ShareUrls } from './links/share-urls.ts';
export type { PathTouch, SourceView, TimelineEvent, Visitor } from './visitors/visitor.ts';
export type { IdentifiedVisitor, IdentifyVisitorInput } from './visitors/identify-visitor.ts';
export type { VisitorAttribution } from './visitors/visitor-attribution.ts';
export type { VisitorEvidence } from './visitors/visitor-evidence.ts';
export type { Workspace, WorkspaceSettings } from './workspaces/workspace.ts';
export type { ApiKey, CreatedApiKey } from './workspaces/api-key.ts';
export type { Source } from './sources/source.ts';
export type { IncomingRequest, OutgoingResponse } from './capture/exchange.ts';
// The host makes the proof that a page sends with `identify`.
export { createBrowserProof } from './capture/browser-proof.ts';
