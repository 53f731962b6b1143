import { attributionRoutes } from '../attribution/attribution-routes.ts';
import { auditRoutes } from '../audit/audit-routes.ts';
import { analyticsExportRoutes } from '../analytics/analytics-export-routes.ts';
import { analyticsRoutes } from '../analytics/analytics-routes.ts';
import { connectorRoutes } from '../connectors/connector-routes.ts';
import { dispatchRoutes } from '../connectors/dispatch-routes.ts';
import { eventListRoutes } from '../analytics/event-list-routes.ts';
import { eventRoutes } from '../ingest/event-routes.ts';
import { exportRoutes } from '../exports/export-routes.ts';
import { funnelReportRoutes } from '../funnels/funnel-report-routes.ts';
import { funnelRoutes } from '../funnels/funnel-routes.ts';
import { folderRoutes } from '../links/folder-routes.ts';
import { linkBatchRoutes } from '../links/link-batch-routes.ts';
import { linkHistoryRoutes } from '../links/link-history-routes.ts';
import { importLinksRoutes } from '../imports/import-links-routes.ts';
import { linkRoutes } from '../links/link-routes.ts';
import { utmTemplateRoutes } from '../links/utm-template-routes.ts';
import { ledgerRoutes } from '../ledger/ledger-routes.ts';
import { sessionRoutes } from '../sessions/session-routes.ts';
import { invitationRoutes } from '../invitations/invitation-routes.ts';
import { usageRoutes } from '../invitations/usage-routes.ts';
import { referralRoutes } from '../referrals/referral-routes.ts';
import { rewardRoutes } from '../rewards/reward-routes.ts';
import { commissionRoutes } from '../partners/commission-routes.ts';
import { partnerRoutes } from '../partners/partner-routes.ts';
import { gateRoutes } from '../gate/gate-routes.ts';
import { waitlistRoutes } from '../waitlist/waitlist-routes.ts';
import { reclassifyRoutes } from '../rebuild/reclassify-routes.ts';
import { sourceRoutes } from '../sources/source-routes.ts';
import { liveRoutes } from '../live/live-routes.ts';
import { projectRoutes } from '../projects/project-routes.ts';
import { trackingRoutes } from '../projects/tracking-routes.ts';
import { privacyRoutes } from '../privacy/privacy-routes.ts';
import { visitorRoutes } from '../visitors/visitor-routes.ts';
import { apiKeyRoutes } from '../workspaces/api-key-routes.ts';
import { domainRoutes } from '../workspaces/domain-routes.ts';
import { workspaceRoutes } from '../workspaces/workspace-routes.ts';
import { paymentRoutes } from '../payments/payment-routes.ts';
import { webhookRoutes } from '../webhooks/webhook-routes.ts';
import type { Route } from './route.ts';

/** Every operation of the REST API. A fixed path comes before a parameter in its place. */
export const apiRoutes: readonly Route[] = [
  ...eventRoutes,
  ...eventListRoutes,
  ...trackingRoutes,
  ...exportRoutes,
  ...importLinksRoutes,
  ...linkBatchRoutes,
  ...linkHistoryRoutes,
  ...linkRoutes,
  ...folderRoutes,
  ...utmTemplateRoutes,
  ...usageRoutes,
  ...invitationRoutes,
  ...referralRoutes,
  ...rewardRoutes,
  ...partnerRoutes,
  ...commissionRoutes,
  ...ledgerRoutes,
  ...gateRoutes,
  ...waitlistRoutes,
  ...visitorRoutes,
  ...sessionRoutes,
  ...sourceRoutes,
  ...reclassifyRoutes,
  ...funnelReportRoutes,
  ...funnelRoutes,
  ...projectRoutes,
  ...attributionRoutes,
  ...analyticsRoutes,
  ...analyticsExportRoutes,
  ...connectorRoutes,
  ...dispatchRoutes,
  ...privacyRoutes,
  ...auditRoutes,
  ...workspaceRoutes,
  ...domainRoutes,
  ...apiKeyRoutes,
  ...liveRoutes,
  ...webhookRoutes,
  ...paymentRoutes,
];
