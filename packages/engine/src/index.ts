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
  GeoOptions,
  DatabaseOption,
  Authenticate,
  AuthenticateAnswer,
  AuthenticateSession,
  Logger,
} from './options.ts';
export type { Neighbour, Recognised } from './neighbour.ts';
export type { Library, TrackIn } from './library.ts';
export type { InWorkspace, WriteIn } from './library-scope.ts';
export type { Breakdown, BreakdownInput } from './analytics/breakdown.ts';
export type { EventPage, ListedEvent, ListEventsInput } from './analytics/list-events.ts';
export type { ExportedEvent } from './analytics/export-events.ts';
export type { FilterInput } from './analytics/filter.ts';
export type { LiveVisitors } from './analytics/live-visitors.ts';
export type { Overview, OverviewInput } from './analytics/overview.ts';
export type { Retention } from './analytics/retention.ts';
export type { Summary, SummaryInput } from './analytics/summarise.ts';
export type { TimeSeries, TimeSeriesInput } from './analytics/time-series.ts';
export { ok, orThrow, RefusedError } from './kernel/result.ts';
export type { Refusal, Result } from './kernel/result.ts';
export { ConfigurationError, HeadwaterError, UnavailableError } from './kernel/errors.ts';
export type { Clock, Duration } from './kernel/clock.ts';
export { formatMoney } from './kernel/money.ts';
export type { Money } from './kernel/money.ts';
export type { LimitOptions, RateLimit } from './limits/rate-limit.ts';
export type { Secret } from './security/keyring.ts';
export type { HostTransaction, WriteOptions } from './store/database.ts';
export type {
  RebuildOptions,
  RebuildProgress,
  RebuildStep,
  WorkspaceRebuildReport,
} from './rebuild/rebuild-workspace.ts';
export type { ReclassifyOptions, ReclassifyReport } from './rebuild/reclassify-touches.ts';
export type { SessionWithEvents } from './sessions/get-session.ts';
export type { SessionPage } from './sessions/list-sessions.ts';
export type { Session } from './sessions/session.ts';
export type { RetentionOutlook, RetentionReport } from './privacy/apply-retention.ts';
export type { PrivacyStatement } from './privacy/describe-storage.ts';
export type { ErasureReceipt } from './privacy/erasure.ts';
export type { ExportedRow, PersonExport } from './privacy/export-person.ts';
export type { PersonReference } from './privacy/person-reference.ts';
export type { DatabaseReport } from './store/inspect-database.ts';
export { printMigrations } from './store/migrate.ts';
export { printDistribution } from './store/distribute.ts';
export type { DistributionReport } from './store/distribute.ts';
export type { MigrationReport } from './store/migrate.ts';
export type {
  EventType,
  Identifier,
  IdentityOutcome,
  IngestOutcome,
  Origin,
} from './ingest/event.ts';
export type { TrackEventInput, TrackEventOptions } from './ingest/track-event.ts';
export type { AccessLogOptions } from './imports/access-log-options.ts';
export type { AccessLogReport } from './imports/access-log-report.ts';
export type { EventMapping } from './imports/event-mapping.ts';
export type { EventsImportOptions } from './imports/import-events.ts';
export type { EventsReport } from './imports/events-report.ts';
export type { PhoenixKitTables } from './imports/import-phoenix-kit.ts';
export type { TableImportOptions } from './imports/import-table.ts';
export type { UsherTables } from './imports/import-usher.ts';
export type { TableProgress, TableReport } from './imports/table-report.ts';
export type { TableDump } from './imports/table-source.ts';
export type { ImportStream } from './imports/read-input.ts';
// Needs no engine, as `explainSource` does not.
export { explainAccessLogs } from './imports/explain-access-log.ts';
export type {
  DecidedArrivals,
  ExplainAccessLogOptions,
  ExplainedAccessLog,
} from './imports/explain-access-log.ts';
export type { RecordedEvent } from './ingest/recorded-event.ts';
export type {
  Hook,
  HookAnswer,
  HookCookie,
  HookOptions,
  HookRegistration,
  HookVisitor,
} from './hooks/hook.ts';
export type {
  EventRecordedMessage,
  LinkClickMessage,
  LiveMessage,
  LiveTopic,
} from './live/live-message.ts';
export type { LiveListener, LiveSubscription, SubscribeInput } from './live/subscribe-live.ts';
export type { Dimension, TouchFilter } from './attribution/dimension.ts';
export type { AttributionSettings, Goal, GoalRule } from './attribution/goal.ts';
export type { ModelChoice } from './attribution/chosen-model.ts';
export type {
  AttributionReport,
  AttributionReportInput,
} from './attribution/report-attribution.ts';
export type { PathReport, PathReportInput } from './attribution/report-paths.ts';
export type { CreditRow, ListCreditsInput } from './attribution/list-credits.ts';
export type { CreditVisitorInput, VisitorCredits } from './attribution/credit-visitor.ts';
export type {
  ConversionExplanation,
  ExplainConversionInput,
} from './attribution/explain-conversion.ts';
export type { ConnectorOptions, DispatchPolicy } from './connectors/connector-options.ts';
export type { ConnectorState } from './connectors/connector-state.ts';
export type { ConnectorChanges } from './connectors/change-connector.ts';
export type { ClaimsReport } from './connectors/compare-claims.ts';
export type { DeliveryReport } from './connectors/deliver-dispatches.ts';
export type { Dispatch, DispatchStatus } from './connectors/dispatch.ts';
export type { DispatchFilterInput } from './connectors/list-dispatches.ts';
export type { DispatchPreview } from './connectors/preview-dispatch.ts';
export type { Link, LinkType } from './links/link.ts';
export type { LinkInput } from './links/create-link.ts';
export type { LinkStats } from './links/link-stats.ts';
export type { LinkRouting, RouteCondition } from './links/link-routing.ts';
export type { SimulatedRoute, SimulateLinkInput } from './links/simulate-link.ts';
export type { LinkDomainSettings } from './links/link-domain.ts';
export type { VariantReport } from './links/link-variants.ts';
export type { QrCode } from './links/qr-code.ts';
export type { QrOptions } from './links/qr-options.ts';
export type { ShareOptions, ShareUrls } from './links/share-urls.ts';
export type { Project, ProjectCount, TrackedKind } from './projects/project.ts';
export type { ProjectInput } from './projects/create-project.ts';
export type { CountedProject } from './projects/get-project.ts';
export type { Tracked, TrackedInput } from './projects/track-for-project.ts';
export type { Funnel, FunnelDefinition, FunnelStep, StepFilter } from './funnels/funnel.ts';
export type { FunnelInput } from './funnels/create-funnel.ts';
export type { FunnelPath, FunnelReport } from './funnels/funnel-report.ts';
export type { VisitDimension } from './reports/dimension.ts';
export type { PeriodInput } from './reports/report-period.ts';
export type { VisitFilter } from './funnels/visit-dimension.ts';
export type { Period } from './kernel/period.ts';
export type { Invitation, InvitationStatus } from './invitations/invitation.ts';
export type { CreatedInvitation, CreateInvitationInput } from './invitations/create-invitation.ts';
export type { Entity, EntityInput } from './invitations/entity.ts';
export type { InvitationOptions, UsageAction } from './invitations/invitation-options.ts';
export type { AttributesSchema } from './invitations/with-attributes.ts';
export type { Funnel as UsageFunnel } from './invitations/summarise-usages.ts';
export type { FunnelStep as UsageFunnelStep, Usage } from './invitations/usage.ts';
export type { ReferralCode } from './referrals/referral-code.ts';
export type { CreateCodeInput } from './referrals/create-code.ts';
export type { CodeStats } from './referrals/referral-statistics.ts';
export type { Landing, LandingOptions } from './referrals/read-landing.ts';
export { publicCodeMessage } from './referrals/redeem-code.ts';
export type { CreateRewardRuleInput, RewardRuleFields } from './rewards/change-reward-rule.ts';
export type { Reward } from './rewards/reward.ts';
export type { RewardTotal } from './rewards/list-rewards.ts';
export type { RewardCaps, RewardRule, RewardTerms } from './rewards/reward-rule.ts';
export type { Partner, PartnerFields, PartnerStatus } from './partners/partner.ts';
export type { CreatePartnerInput } from './partners/change-partner.ts';
export type { CreateProgramInput, ProgramFields } from './partners/change-program.ts';
export type { CommissionRule, PartnerProgram } from './partners/partner-program.ts';
export type { Commission, CommissionStatus, Suspicion } from './partners/commission.ts';
export type { Payout, PayoutBatch } from './partners/payout.ts';
export type { AccountBalance, LedgerEntry } from './ledger/ledger-entry.ts';
export type { AppendedEntry } from './ledger/append-entry.ts';
export type { AdjustAccountInput } from './ledger/adjust-account.ts';
export type { PayOutInput } from './ledger/pay-out.ts';
export type { Account, Admission, Gate, GateDecision } from './gate/gate.ts';
export type { GuardOptions } from './gate/guard-request.ts';
export type { WaitlistEntry } from './waitlist/waitlist-entry.ts';
export type { Redemption, Referral } from './redemptions/redemption.ts';
export type { WebhookEndpoint } from './webhooks/webhook-endpoint.ts';
export type { EndpointInput, EndpointWithSecret } from './webhooks/create-endpoint.ts';
export type { WebhookDelivery } from './webhooks/webhook-delivery.ts';
export type {
  Payer,
  PaymentFact,
  PaymentMessage,
  PaymentProvider,
  SignedMessage,
} from './payments/payment-provider.ts';
export type { PaymentSource, ReceivedPayment } from './payments/payment-source.ts';
export type { TelemetryOptions } from './telemetry/telemetry.ts';
export type { PaymentMessagePage } from './payments/list-payment-messages.ts';
export type { PathTouch, SourceView, TimelineEvent, Visitor } from './visitors/visitor.ts';
export type { IdentifiedVisitor, IdentifyVisitorInput } from './visitors/identify-visitor.ts';
export type { VisitorAttribution } from './visitors/visitor-attribution.ts';
export type { VisitorEvidence } from './visitors/visitor-evidence.ts';
export type { Workspace, WorkspaceSettings } from './workspaces/workspace.ts';
export type { ApiKey, CreatedApiKey } from './workspaces/api-key.ts';
export type { DeviceDescription, DeviceType } from './devices/device.ts';
export type { Machine, MachineCategory } from './devices/machine.ts';
export type { Place, PlaceFields } from './places/place.ts';
export type { PlaceProvider } from './places/provider.ts';
export type { PlaceNormaliser } from './places/normalise-record.ts';
export type { PlaceHeaders } from './places/place-headers.ts';
// What the command line says of a file before it takes it.
export { inspectPlaceFile } from './places/place-file.ts';
export type { PlaceFileReport } from './places/place-file.ts';
export type { ClassifiedSource, Source } from './sources/source.ts';
export type { SourceCondition, SourceRule } from './sources/source-rule.ts';
// Needs no engine: a command line explains without a database.
export { explainSource } from './sources/explain-source.ts';
export type { ArrivalToExplain, SourceExplanation } from './sources/explain-source.ts';
export type { ApiAnswer, ApiCaller, ApiRequestOptions } from './capture/api-request.ts';
export type { ApiRequestLog, ApiRequestStats } from './capture/log-api-request.ts';
export type { IncomingRequest, OutgoingResponse } from './capture/exchange.ts';
export type { Tracking, TrackingSignals } from './capture/track-request.ts';
// The host makes the proof that a page sends with `identify`.
export { createBrowserProof } from './capture/browser-proof.ts';
export { openSnapshot } from './exports/open-snapshot.ts';
export type { OpenSnapshot } from './exports/open-snapshot.ts';
export { UntrustedSnapshotError } from './exports/signed-snapshot.ts';
export type { StaticFormat } from './exports/static-redirects.ts';
export type { ExportedLink } from './exports/export-links.ts';
export type { ImportedLink, ImportLinksInput, ImportLinksReport } from './imports/import-links.ts';
export type { LinkSource } from './imports/link-format.ts';
export type { AuditEntry } from './audit/audit-entry.ts';
