/** The connectors to ad platforms, their contract for connectors of your own, and the pieces that both are made of. */
export { defineConnector } from './connectors/connector.ts';
export type {
  Batch,
  BuildRefusal,
  Configuration,
  Connector,
  ConnectorContext,
  CredentialField,
  CredentialFields,
  DeliveryPorts,
  Diagnosis,
  FollowUp,
  Json,
  JsonObject,
  OAuth,
  Outcome,
  OutcomeReason,
  OutgoingRequest,
  Payload,
  PlatformResponse,
  Rate,
  SettingField,
  SettingFields,
  SignalRule,
  TokenAnswer,
} from './connectors/connector.ts';
export type { AdConsent, ConsentNeeds, ConsentPurpose } from './connectors/ad-consent.ts';
export { readAdConsent, stricterConsent } from './connectors/ad-consent.ts';
export type {
  ConversionDevice,
  ConversionItem,
  ConversionPage,
  ConversionPerson,
  OutgoingConversion,
  OutgoingType,
  RefundedConversion,
  Signal,
} from './connectors/outgoing-conversion.ts';
export { builtInConnectors } from './connectors/built-in-connectors.ts';
export { judgeConversion, missingSignals } from './connectors/eligibility.ts';
export type { IneligibleCode } from './connectors/eligibility.ts';
export { signalsOf } from './connectors/conversion-signals.ts';
export { estimateMatch } from './connectors/match-quality.ts';
export type { MatchQuality } from './connectors/match-quality.ts';
export { readConfiguration } from './connectors/read-configuration.ts';
export { deliverConversions } from './connectors/deliver-conversions.ts';
export type {
  DeliverPorts,
  DeliveryResult,
  Exchange,
  FinalOutcome,
} from './connectors/deliver-conversions.ts';
export { refreshAccessToken } from './connectors/refresh-access-token.ts';
export { redactRequest, secretsOf } from './connectors/redact-request.ts';
export { outcomeOfStatus, retryAfter } from './connectors/platform-answer.ts';
export { majorUnits } from './connectors/major-units.ts';
export {
  bareEmail,
  googleEmail,
  hashed,
  phoneDigits,
  phoneE164,
  plainEmail,
} from './connectors/user-data.ts';
export { webhookHeaders } from './connectors/standard-webhook.ts';
