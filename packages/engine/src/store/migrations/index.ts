import { foundation } from './0001-foundation.ts';
import { caseOfKeys } from './0002-case-of-keys.ts';
import { rateCounts } from './0003-rate-counts.ts';
import { liveEvents } from './0004-live-events.ts';
import { dailySalts } from './0005-daily-salts.ts';
import { erasure } from './0006-erasure.ts';
import { sessionMeasures } from './0007-session-measures.ts';
import { activityHours } from './0008-activity-hours.ts';
import { attribution } from './0009-attribution.ts';
import { funnels } from './0010-funnels.ts';
import { invitations } from './0011-invitations.ts';
import { ledger } from './0012-ledger.ts';
import { gateAndWaitlist } from './0013-gate-and-waitlist.ts';
import { projects } from './0014-projects.ts';
import { connectors } from './0015-connectors.ts';
import { webhooks } from './0016-webhooks.ts';
import { languages } from './0017-languages.ts';
import { payments } from './0020-payments.ts';
import { sessionClicks } from './0021-session-clicks.ts';
import { connectorPace } from './0024-connector-pace.ts';
import { linkRouting } from './0026-link-routing.ts';
import { managingLinks } from './0028-managing-links.ts';
import { audit } from './0029-audit.ts';
import { partners } from './0030-partners.ts';
import { commissions } from './0031-commissions.ts';
import { payouts } from './0032-payouts.ts';
import { eventsOfVisitors } from './0033-events-of-visitors.ts';
import { eventsOfVisitorsAndTime } from './0034-events-of-visitors-and-time.ts';
import { clickIdsCut } from './0042-click-ids-cut.ts';
import type { Migration } from './migration.ts';

/** In the order in which they run. */
export const migrations: readonly Migration[] = [
  foundation,
  caseOfKeys,
  rateCounts,
  liveEvents,
  dailySalts,
  erasure,
  sessionMeasures,
  activityHours,
  attribution,
  funnels,
  invitations,
  ledger,
  gateAndWaitlist,
  projects,
  connectors,
  webhooks,
  languages,
  payments,
  sessionClicks,
  connectorPace,
  linkRouting,
  managingLinks,
  audit,
  partners,
  commissions,
  payouts,
  eventsOfVisitors,
  eventsOfVisitorsAndTime,
  clickIdsCut,
];
