import { analyticsExportRoutes } from '../analytics/analytics-export-routes.ts';
import { analyticsRoutes } from '../analytics/analytics-routes.ts';
import { eventRoutes } from '../ingest/event-routes.ts';
import { linkRoutes } from '../links/link-routes.ts';
import { sourceRoutes } from '../sources/source-routes.ts';
import { liveRoutes } from '../live/live-routes.ts';
import { privacyRoutes } from '../privacy/privacy-routes.ts';
import { visitorRoutes } from '../visitors/visitor-routes.ts';
import { apiKeyRoutes } from '../workspaces/api-key-routes.ts';
import { domainRoutes } from '../workspaces/domain-routes.ts';
import { workspaceRoutes } from '../workspaces/workspace-routes.ts';
import type { Route } from './route.ts';

/** Every operation of the REST API. A fixed path comes before a parameter in its place. */
export const apiRoutes: readonly Route[] = [
  ...eventRoutes,
  ...linkRoutes,
  ...visitorRoutes,
  ...sourceRoutes,
  ...analyticsRoutes,
  ...analyticsExportRoutes,
  ...privacyRoutes,
  ...workspaceRoutes,
  ...domainRoutes,
  ...apiKeyRoutes,
  ...liveRoutes,
];
