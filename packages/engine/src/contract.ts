/** The wire contract of the REST API: the schemas that validate it, and its OpenAPI document. */
export {
  reportedConversions,
  toBreakdownResponse,
  toLiveResponse,
  toRetentionResponse,
  toSummaryResponse,
  toTimeSeriesResponse,
} from './analytics/analytics-schema.ts';
export {
  eventListDimensions,
  toListedEvent,
  toListEventsInput,
} from './analytics/event-list-schema.ts';
export { linkExportTexts } from './exports/export-texts.ts';
export { toImportLinksResponse } from './imports/import-links-schema.ts';
export { openApiDocument } from './http/openapi.ts';
export { errorResponse } from './http/fields-schema.ts';
export { faultStatus, refusalStatus } from './http/refusal-codes.ts';
export {
  batchResponse,
  documentedBatchParams as batchParams,
  eventParams,
  eventResponse,
  identityResponse,
} from './ingest/event-schema.ts';
export { projectParams, projectResponse, toProjectResponse } from './projects/project-schema.ts';
export {
  funnelParams,
  funnelResponse,
  funnelUpdateParams,
  toFunnelResponse,
} from './funnels/funnel-schema.ts';
export {
  funnelPathResponse,
  funnelReportResponse,
  toFunnelReportResponse,
} from './funnels/funnel-report-schema.ts';
export {
  clickResponse,
  linkParams,
  linkResponse,
  linkStatsResponse,
  linkUpdateParams,
} from './links/link-schema.ts';
// What a command line prints is what the API answers.
export {
  pathReportResponse,
  attributionReportResponse,
  toPathReportResponse,
  toAttributionReportResponse,
} from './attribution/attribution-schema.ts';
export {
  conversionExplanationResponse,
  creditRowResponse,
  toConversionExplanationResponse,
  toVisitorCreditsResponse,
  visitorCreditsResponse,
} from './attribution/conversion-schema.ts';
export { creditShape, pathShape, reportShape } from './attribution/export-schema.ts';
export { funnelShape, toFunnelRows } from './funnels/funnel-export-schema.ts';
export { listModels } from './attribution/model-schema.ts';
export { entryShape, toBalanceResponse, toEntryResponse } from './ledger/ledger-schema.ts';
export {
  payoutShape,
  programParams,
  toProgramInput,
  toBatchResponse,
  toCommissionResponse,
  toPayoutResponse,
  toProgramResponse,
  toSimulationResponse,
} from './partners/commission-schema.ts';
export { toOverviewResponse, toPartnerResponse } from './partners/partner-schema.ts';
export { toRewardResponse, toRuleResponse } from './rewards/reward-schema.ts';
export { exportStream, onePage } from './http/export-stream.ts';
export { liveMessageResponse } from './live/live-schema.ts';
export {
  claimsResponse,
  connectorParams,
  connectorResponse,
  toClaimsResponse,
  toConnectorResponse,
} from './connectors/connector-schema.ts';
export {
  dispatchResponse,
  previewResponse,
  toDispatchResponse,
  toPreviewResponse,
} from './connectors/dispatch-schema.ts';
export {
  classifiedSourceResponse,
  explanationResponse,
  toExplanationResponse,
} from './sources/source-schema.ts';
export {
  attributionResponse,
  evidenceResponse,
  identifiedResponse,
  identifyParams,
  mergeParams,
  resolveParams,
  sourceResponse,
  timelineResponse,
  undoneResponse,
  visitorResponse,
} from './visitors/visitor-schema.ts';
export {
  apiKeyParams,
  apiKeyResponse,
  apiKeyRotateParams,
  apiKeyUpdateParams,
  createdApiKeyResponse,
} from './workspaces/api-key-schema.ts';
export { domainParams, domainResponse, domainUpdateParams } from './workspaces/domain-schema.ts';
export { workspaceResponse, workspaceUpdateParams } from './workspaces/workspace-schema.ts';
