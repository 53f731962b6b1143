import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';

import { readAttributionSearch } from '../attribution/attribution-search.ts';
import { readCodesSearch } from '../codes/codes-search.ts';
import { readEventsSearch } from '../events/events-search.ts';
import { readFunnelSearch } from '../funnels/funnel-search.ts';
import { readInvitationsSearch } from '../invitations/invitations-search.ts';
import { readLabelsSearch } from '../link-labels/labels-search.ts';
import { readLinkSearch } from '../links/link-search.ts';
import { readLinksSearch } from '../links/links-search.ts';
import { readOverviewSearch } from '../overview/overview-search.ts';
import { readReportSearch } from '../report/report-search.ts';
import { readSettingsSearch } from '../settings/settings-search.ts';
import { readVisitorSearch, readVisitorsSearch } from '../visitors/visitors-search.ts';
import { readClaimsSearch } from '../connectors/claims-search.ts';
import { readDispatchesSearch } from '../connectors/connectors-search.ts';
import { readPaymentSourceSearch } from '../payments/payments-search.ts';
import {
  readCommissionsSearch,
  readPartnerSearch,
  readPartnersSearch,
  readPayoutBatchSearch,
  readPayoutsSearch,
  readProgramsSearch,
  readReviewSearch,
} from '../partners/partners-search.ts';
import { readReferralsSearch } from '../referrals/referrals-search.ts';
import { readRewardsSearch, readLedgerSearch } from '../rewards/rewards-search.ts';
import { readWaitlistSearch } from '../waitlist/waitlist-search.ts';
import { readWebhooksSearch, readWebhookSearch } from '../webhooks/webhook-search.ts';
import { Failed } from '../ui/loaded.tsx';
import { authRoutes } from '../auth/auth-routes.tsx';
import { NotFound } from './not-found.tsx';
import { Shell } from './shell.tsx';

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: ({ error, reset }) => <Failed fault={error} retry={reset} />,
});

const index = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    // A redirect is thrown: that is how the router takes it.
    // oxlint-disable-next-line typescript/only-throw-error
    throw redirect({ to: '/overview' });
  },
});

const start = createRoute({
  getParentRoute: () => root,
  path: '/start',
  component: lazyRouteComponent(() => import('../start/start-view.tsx'), 'StartView'),
});

const overview = createRoute({
  getParentRoute: () => root,
  path: '/overview',
  validateSearch: readOverviewSearch,
  component: lazyRouteComponent(() => import('../overview/overview-view.tsx'), 'OverviewView'),
});

const links = createRoute({
  getParentRoute: () => root,
  path: '/links',
  validateSearch: readLinksSearch,
  component: lazyRouteComponent(() => import('../links/links-view.tsx'), 'LinksView'),
});

const newLink = createRoute({
  getParentRoute: () => root,
  path: '/links/new',
  component: lazyRouteComponent(() => import('../links/new-link-view.tsx'), 'NewLinkView'),
});

const importLinks = createRoute({
  getParentRoute: () => root,
  path: '/links/import',
  component: lazyRouteComponent(() => import('../link-import/import-view.tsx'), 'ImportView'),
});

const linkLabels = createRoute({
  getParentRoute: () => root,
  path: '/links/labels',
  validateSearch: readLabelsSearch,
  component: lazyRouteComponent(() => import('../link-labels/labels-view.tsx'), 'LabelsView'),
});

const link = createRoute({
  getParentRoute: () => root,
  path: '/links/$id',
  validateSearch: readLinkSearch,
  component: lazyRouteComponent(() => import('../links/link-view.tsx'), 'LinkView'),
});

const editLink = createRoute({
  getParentRoute: () => root,
  path: '/links/$id/edit',
  component: lazyRouteComponent(() => import('../links/edit-link-view.tsx'), 'EditLinkView'),
});

const visitors = createRoute({
  getParentRoute: () => root,
  path: '/visitors',
  validateSearch: readVisitorsSearch,
  component: lazyRouteComponent(() => import('../visitors/visitors-view.tsx'), 'VisitorsView'),
});

const visitor = createRoute({
  getParentRoute: () => root,
  path: '/visitors/$id',
  validateSearch: readVisitorSearch,
  component: lazyRouteComponent(() => import('../visitors/visitor-view.tsx'), 'VisitorView'),
});

const attribution = createRoute({
  getParentRoute: () => root,
  path: '/attribution',
  validateSearch: readAttributionSearch,
  component: lazyRouteComponent(
    () => import('../attribution/attribution-view.tsx'),
    'AttributionView',
  ),
});

const conversion = createRoute({
  getParentRoute: () => root,
  path: '/conversions/$id',
  component: lazyRouteComponent(
    () => import('../attribution/explanation-view.tsx'),
    'ExplanationView',
  ),
});

const funnels = createRoute({
  getParentRoute: () => root,
  path: '/funnels',
  component: lazyRouteComponent(() => import('../funnels/funnels-view.tsx'), 'FunnelsView'),
});

const newFunnel = createRoute({
  getParentRoute: () => root,
  path: '/funnels/new',
  component: lazyRouteComponent(() => import('../funnels/new-funnel-view.tsx'), 'NewFunnelView'),
});

const funnel = createRoute({
  getParentRoute: () => root,
  path: '/funnels/$id',
  validateSearch: readFunnelSearch,
  component: lazyRouteComponent(() => import('../funnels/funnel-view.tsx'), 'FunnelView'),
});

const retention = createRoute({
  getParentRoute: () => root,
  path: '/retention',
  validateSearch: readReportSearch,
  component: lazyRouteComponent(() => import('../retention/retention-view.tsx'), 'RetentionView'),
});

const session = createRoute({
  getParentRoute: () => root,
  path: '/sessions/$id',
  component: lazyRouteComponent(() => import('../events/session-view.tsx'), 'SessionView'),
});

const events = createRoute({
  getParentRoute: () => root,
  path: '/events',
  validateSearch: readEventsSearch,
  component: lazyRouteComponent(() => import('../events/events-view.tsx'), 'EventsView'),
});

const live = createRoute({
  getParentRoute: () => root,
  path: '/live',
  component: lazyRouteComponent(() => import('../events/live-view.tsx'), 'LiveView'),
});

const invitations = createRoute({
  getParentRoute: () => root,
  path: '/invitations',
  validateSearch: readInvitationsSearch,
  component: lazyRouteComponent(
    () => import('../invitations/invitations-view.tsx'),
    'InvitationsView',
  ),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitations/$id',
  component: lazyRouteComponent(
    () => import('../invitations/invitation-view.tsx'),
    'InvitationView',
  ),
});

const codes = createRoute({
  getParentRoute: () => root,
  path: '/codes',
  validateSearch: readCodesSearch,
  component: lazyRouteComponent(() => import('../codes/codes-view.tsx'), 'CodesView'),
});

const code = createRoute({
  getParentRoute: () => root,
  path: '/codes/$id',
  component: lazyRouteComponent(() => import('../codes/code-view.tsx'), 'CodeView'),
});

const referrals = createRoute({
  getParentRoute: () => root,
  path: '/referrals',
  validateSearch: readReferralsSearch,
  component: lazyRouteComponent(() => import('../referrals/referrals-view.tsx'), 'ReferralsView'),
});

const rewards = createRoute({
  getParentRoute: () => root,
  path: '/rewards',
  validateSearch: readRewardsSearch,
  component: lazyRouteComponent(() => import('../rewards/rewards-view.tsx'), 'RewardsView'),
});

const ledger = createRoute({
  getParentRoute: () => root,
  path: '/ledger',
  validateSearch: readLedgerSearch,
  component: lazyRouteComponent(() => import('../rewards/ledger-view.tsx'), 'LedgerView'),
});

const waitlist = createRoute({
  getParentRoute: () => root,
  path: '/waitlist',
  validateSearch: readWaitlistSearch,
  component: lazyRouteComponent(() => import('../waitlist/waitlist-view.tsx'), 'WaitlistView'),
});

const partners = createRoute({
  getParentRoute: () => root,
  path: '/partners',
  validateSearch: readPartnersSearch,
  component: lazyRouteComponent(() => import('../partners/partners-view.tsx'), 'PartnersView'),
});

const partner = createRoute({
  getParentRoute: () => root,
  path: '/partners/$id',
  validateSearch: readPartnerSearch,
  component: lazyRouteComponent(() => import('../partners/partner-view.tsx'), 'PartnerView'),
});

const programs = createRoute({
  getParentRoute: () => root,
  path: '/programs',
  validateSearch: readProgramsSearch,
  component: lazyRouteComponent(() => import('../partners/programs-view.tsx'), 'ProgramsView'),
});

const program = createRoute({
  getParentRoute: () => root,
  path: '/programs/$id',
  component: lazyRouteComponent(() => import('../partners/program-view.tsx'), 'ProgramView'),
});

const commissions = createRoute({
  getParentRoute: () => root,
  path: '/commissions',
  validateSearch: readCommissionsSearch,
  component: lazyRouteComponent(
    () => import('../partners/commissions-view.tsx'),
    'CommissionsView',
  ),
});

const review = createRoute({
  getParentRoute: () => root,
  path: '/review',
  validateSearch: readReviewSearch,
  component: lazyRouteComponent(() => import('../partners/review-view.tsx'), 'ReviewView'),
});

const payouts = createRoute({
  getParentRoute: () => root,
  path: '/payouts',
  validateSearch: readPayoutsSearch,
  component: lazyRouteComponent(() => import('../partners/payouts-view.tsx'), 'PayoutsView'),
});

const payoutBatch = createRoute({
  getParentRoute: () => root,
  path: '/payouts/$id',
  validateSearch: readPayoutBatchSearch,
  component: lazyRouteComponent(
    () => import('../partners/payout-batch-view.tsx'),
    'PayoutBatchView',
  ),
});

const connectors = createRoute({
  getParentRoute: () => root,
  path: '/connectors',
  validateSearch: readReportSearch,
  component: lazyRouteComponent(
    () => import('../connectors/connectors-view.tsx'),
    'ConnectorsView',
  ),
});

const connector = createRoute({
  getParentRoute: () => root,
  path: '/connectors/$type',
  validateSearch: readReportSearch,
  component: lazyRouteComponent(() => import('../connectors/connector-view.tsx'), 'ConnectorView'),
});

const dispatches = createRoute({
  getParentRoute: () => root,
  path: '/dispatches',
  validateSearch: readDispatchesSearch,
  component: lazyRouteComponent(
    () => import('../connectors/dispatches-view.tsx'),
    'DispatchesView',
  ),
});

const dispatch = createRoute({
  getParentRoute: () => root,
  path: '/dispatches/$id',
  component: lazyRouteComponent(() => import('../connectors/dispatch-view.tsx'), 'DispatchView'),
});

const claims = createRoute({
  getParentRoute: () => root,
  path: '/claims',
  validateSearch: readClaimsSearch,
  component: lazyRouteComponent(() => import('../connectors/claims-view.tsx'), 'ClaimsView'),
});

const webhooks = createRoute({
  getParentRoute: () => root,
  path: '/webhooks',
  validateSearch: readWebhooksSearch,
  component: lazyRouteComponent(() => import('../webhooks/webhooks-view.tsx'), 'WebhooksView'),
});

const webhook = createRoute({
  getParentRoute: () => root,
  path: '/webhooks/$id',
  validateSearch: readWebhookSearch,
  component: lazyRouteComponent(() => import('../webhooks/webhook-view.tsx'), 'WebhookView'),
});

const payments = createRoute({
  getParentRoute: () => root,
  path: '/payments',
  component: lazyRouteComponent(() => import('../payments/payments-view.tsx'), 'PaymentsView'),
});

const paymentSource = createRoute({
  getParentRoute: () => root,
  path: '/payments/$id',
  validateSearch: readPaymentSourceSearch,
  component: lazyRouteComponent(
    () => import('../payments/payment-source-view.tsx'),
    'PaymentSourceView',
  ),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  validateSearch: readSettingsSearch,
  component: lazyRouteComponent(() => import('../settings/settings-view.tsx'), 'SettingsView'),
});

const routes = root.addChildren([
  ...authRoutes(root),
  index,
  start,
  overview,
  links,
  newLink,
  importLinks,
  linkLabels,
  link,
  editLink,
  visitors,
  visitor,
  attribution,
  conversion,
  funnels,
  newFunnel,
  funnel,
  retention,
  session,
  events,
  live,
  invitations,
  invitation,
  codes,
  code,
  referrals,
  rewards,
  ledger,
  waitlist,
  partners,
  partner,
  programs,
  program,
  commissions,
  review,
  payouts,
  payoutBatch,
  connectors,
  connector,
  dispatches,
  dispatch,
  claims,
  webhooks,
  webhook,
  payments,
  paymentSource,
  settings,
]);

export function createDashboardRouter(basePath: string) {
  return createRouter({
    routeTree: routes,
    basepath: basePath,
    defaultPreload: 'intent',
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createDashboardRouter>;
  }
}
