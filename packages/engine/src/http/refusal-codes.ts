import type { reportFunnel } from '../funnels/report-funnel.ts';
import type { updateFunnel } from '../funnels/update-funnel.ts';
import type { ChangeConnectorRefusal } from '../connectors/change-connector.ts';
import type { DispatchNotFound } from '../connectors/list-dispatches.ts';
import type { ConversionNotFound } from '../attribution/explain-conversion.ts';
import type { NoExpiry } from '../invitations/change-expiry.ts';
import type { CreateInvitationRefusal } from '../invitations/create-invitation.ts';
import type { RedeemInvitationRefusal } from '../invitations/redeem-invitation.ts';
import type { TrackUsageRefusal } from '../invitations/track-usage.ts';
import type { CheckCodeRefusal } from '../referrals/check-code.ts';
import type { CreateCodeRefusal } from '../referrals/create-code.ts';
import type { RedeemCodeRefusal } from '../referrals/redeem-code.ts';
import type { RedemptionNotFound } from '../redemptions/release-seat.ts';
import type { PayOutRefusal } from '../ledger/pay-out.ts';
import type { ReverseEntryRefusal } from '../ledger/reverse-entry.ts';
import type { ArchiveLinkRefusal } from '../links/archive-link.ts';
import type { LinkVersionNotFound } from '../links/link-history.ts';
import type { RenameFolderRefusal } from '../links/manage-folders.ts';
import type { SaveUtmTemplateRefusal } from '../links/manage-utm-templates.ts';
import type { CreateLinkRefusal } from '../links/create-link.ts';
import type { AddCouponRefusal, CouponNotFound } from '../partners/change-coupon.ts';
import type { CreatePartnerRefusal, UpdatePartnerRefusal } from '../partners/change-partner.ts';
import type { ProgramNotFound } from '../partners/change-program.ts';
import type { CommissionNotFound } from '../partners/list-commissions.ts';
import type { MarkPayoutRefusal, PayoutBatchNotFound } from '../partners/make-payouts.ts';
import type { Refusal } from '../kernel/result.ts';
import type { linkClicks } from '../links/link-clicks.ts';
import type { listLinks } from '../links/list-links.ts';
import type { RestoreLinkRefusal } from '../links/restore-link.ts';
import type { UpdateLinkRefusal } from '../links/update-link.ts';
import type { RewardNotFound } from '../rewards/list-rewards.ts';
import type { RewardRuleNotFound } from '../rewards/change-reward-rule.ts';
import type { SessionNotFound } from '../sessions/get-session.ts';
import type { IdentifyVisitorRefusal } from '../visitors/identify-visitor.ts';
import type { WaitlistEntryNotFound } from '../waitlist/find-place.ts';
import type { UndoMergeRefusal } from '../visitors/undo-merge.ts';
import type { ProjectSlugTaken } from '../projects/create-project.ts';
import type { ProjectNotFound } from '../projects/get-project.ts';
import type { TrackRefusal } from '../projects/track-for-project.ts';
import type { ClaimDomainRefusal } from '../workspaces/claim-domain.ts';
import type { CreateWorkspaceRefusal } from '../workspaces/create-workspace.ts';
import type { DomainNotFound } from '../workspaces/remove-domain.ts';
import type { RotateApiKeyRefusal } from '../workspaces/rotate-api-key.ts';
import type { UpdateDomainRefusal } from '../workspaces/update-domain.ts';
import type { UpdateWorkspaceRefusal } from '../workspaces/update-workspace.ts';
import type { VerifyApiKeyRefusal } from '../workspaces/verify-api-key.ts';
import type { CreateEndpointRefusal } from '../webhooks/create-endpoint.ts';
import type { ReceivePaymentRefusal } from '../payments/receive-payment.ts';
import type { DeliveryNotFound } from '../webhooks/redeliver.ts';
import type { UpdateEndpointRefusal } from '../webhooks/update-endpoint.ts';
import type { VerifyDomainRefusal } from '../workspaces/verify-domain.ts';
import type { AuthenticationRefusal } from './authentication.ts';
import type { JsonBodyRefusal } from './json-body.ts';

type CodeOf<UseCase extends (...args: never[]) => unknown> =
  Exclude<Awaited<ReturnType<UseCase>>, { readonly ok: true }> extends infer R extends Refusal
    ? R['code']
    : never;

/** Every code that an answer of the REST API can carry, but for the two of faults. */
export type RefusalCode =
  | ArchiveLinkRefusal['code']
  | AuthenticationRefusal['code']
  | ChangeConnectorRefusal['code']
  | CheckCodeRefusal['code']
  | ClaimDomainRefusal['code']
  | CodeOf<typeof linkClicks>
  | CodeOf<typeof listLinks>
  | CreateCodeRefusal['code']
  | CreateEndpointRefusal['code']
  | CreateInvitationRefusal['code']
  | CreateLinkRefusal['code']
  | ConversionNotFound['code']
  | CreateWorkspaceRefusal['code']
  | DeliveryNotFound['code']
  | DispatchNotFound['code']
  | DomainNotFound['code']
  | EventRejection
  | IdentifyVisitorRefusal['code']
  | JsonBodyRefusal['code']
  | LinkVersionNotFound['code']
  | PayOutRefusal['code']
  | CodeOf<typeof reportFunnel>
  | CodeOf<typeof updateFunnel>
  | ProjectNotFound['code']
  | ProjectSlugTaken['code']
  | ReceivePaymentRefusal['code']
  | RestoreLinkRefusal['code']
  | ReverseEntryRefusal['code']
  | RewardNotFound['code']
  | RewardRuleNotFound['code']
  | RotateApiKeyRefusal['code']
  | SessionNotFound['code']
  | NoExpiry['code']
  | RedeemCodeRefusal['code']
  | RedeemInvitationRefusal['code']
  | RedemptionNotFound['code']
  | RenameFolderRefusal['code']
  | SaveUtmTemplateRefusal['code']
  | TrackRefusal['code']
  | TrackUsageRefusal['code']
  | UndoMergeRefusal['code']
  | UpdateDomainRefusal['code']
  | UpdateEndpointRefusal['code']
  | UpdateLinkRefusal['code']
  | UpdateWorkspaceRefusal['code']
  | VerifyApiKeyRefusal['code']
  | VerifyDomainRefusal['code']
  | WaitlistEntryNotFound['code']
  | AddCouponRefusal['code']
  | CommissionNotFound['code']
  | CouponNotFound['code']
  | CreatePartnerRefusal['code']
  | MarkPayoutRefusal['code']
  | PayoutBatchNotFound['code']
  | ProgramNotFound['code']
  | UpdatePartnerRefusal['code']
  | 'merge_refused'
  | 'not_found';

/** What ingest rejects an event with. */
export type EventRejection =
  | 'idempotency_conflict'
  | 'visitor_erased'
  | 'visitor_not_found'
  | 'unstorable';

export const refusalStatus = {
  malformed_json: 400,
  unauthorized: 401,
  api_key_expired: 401,
  api_key_revoked: 401,
  forbidden: 403,
  insufficient_scope: 403,
  publishable_key: 403,
  referrals_disabled: 403,
  email_mismatch: 403,
  email_unverified: 403,
  self_referral: 403,
  not_found: 404,
  api_key_not_found: 404,
  connector_not_found: 404,
  conversion_not_found: 404,
  delivery_not_found: 404,
  dispatch_not_found: 404,
  domain_not_found: 404,
  entry_not_found: 404,
  payment_source_not_found: 404,
  webhook_not_found: 404,
  funnel_not_found: 404,
  folder_not_found: 404,
  link_not_found: 404,
  link_version_not_found: 404,
  utm_template_not_found: 404,
  merge_not_found: 404,
  project_not_found: 404,
  session_not_found: 404,
  code_not_found: 404,
  commission_not_found: 404,
  coupon_not_found: 404,
  partner_not_found: 404,
  payout_batch_not_found: 404,
  payout_not_found: 404,
  program_not_found: 404,
  invalid_signature: 404,
  invalid_token: 404,
  invitation_not_found: 404,
  redemption_not_found: 404,
  reward_not_found: 404,
  reward_rule_not_found: 404,
  visitor_not_found: 404,
  waitlist_entry_not_found: 404,
  workspace_not_found: 404,
  already_redeemed: 409,
  api_key_inactive: 409,
  code_exhausted: 409,
  code_inactive: 409,
  code_taken: 409,
  coupon_taken: 409,
  partner_archived: 409,
  partner_key_taken: 409,
  payout_settled: 409,
  domain_not_proven: 409,
  domain_taken: 409,
  duplicate_usage: 409,
  entry_not_reversible: 409,
  entry_reversed: 409,
  event_id_conflict: 409,
  external_id_taken: 409,
  folder_name_taken: 409,
  funnel_archived: 409,
  funnel_name_taken: 409,
  idempotency_conflict: 409,
  insufficient_balance: 409,
  invitation_exhausted: 409,
  invitation_paused: 409,
  keys_differ_in_case: 409,
  link_archived: 409,
  link_key_taken: 409,
  merge_already_undone: 409,
  merge_refused: 409,
  no_expiry: 409,
  no_signing_secret: 409,
  reversal_too_large: 409,
  project_slug_taken: 409,
  slug_taken: 409,
  token_taken: 409,
  too_many_codes: 409,
  too_many_webhooks: 409,
  webhook_archived: 409,
  too_many_token_attempts: 409,
  undo_later_merge_first: 409,
  utm_template_name_taken: 409,
  code_expired: 410,
  invitation_declined: 410,
  invitation_expired: 410,
  invitation_revoked: 410,
  visitor_erased: 410,
  body_too_large: 413,
  unsupported_media_type: 415,
  code_required: 422,
  code_unusable: 422,
  in_the_future: 422,
  invalid_action: 422,
  invalid_entity_type: 422,
  invalid_link: 422,
  invalid_query: 422,
  token_required: 422,
  too_old: 422,
  unstorable: 422,
  validation_failed: 422,
  rate_limited: 429,
  not_configured: 503,
} as const satisfies Record<RefusalCode, number>;

export function isRefusalCode(code: string): code is RefusalCode {
  return Object.hasOwn(refusalStatus, code);
}

/** The codes of faults: bugs, and what is only away for a while. */
export const faultStatus = { internal_error: 500, unavailable: 503 } as const;
