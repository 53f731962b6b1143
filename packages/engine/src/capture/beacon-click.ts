import type { Context } from '../context.ts';
import { digestOf } from '../ingest/event-key.ts';
import type { Identifier, IncomingEvent } from '../ingest/event.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { getLink } from '../links/get-link.ts';
import type { LinkCache } from '../links/link-cache.ts';
import { isKey } from '../links/link-key.ts';
import { toStoredRedirectLink } from '../links/redirect-link.ts';
import type { StoredRedirectLink } from '../links/redirect-link.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { captureArrival, describeSender, keptUrl, withCookies } from './beacon-event.ts';
import type { BeaconRequest } from './beacon-event.ts';
import type { BeaconClick } from './beacon-schema.ts';
import { allowsAds, withSignal } from './consent.ts';
import type { DailySalts } from './daily-salt.ts';
import { selectReferralLinkIds } from './referral-link-store.ts';
import { submitAnew } from './submit-anew.ts';

export interface BeaconClickDependencies {
  readonly linkCache: Pick<LinkCache, 'find'>;
  readonly salts: DailySalts;
}

export type ReportClickRefusal = Refusal & {
  readonly code: 'link_not_found' | 'link_expired' | 'idempotency_conflict' | 'click_rejected';
};

export interface ReportedClick {
  readonly clickId: string;
  readonly visitorId: string | undefined;
  readonly rotate: boolean;
  readonly link: StoredRedirectLink;
}

/** Records the click of somebody who came to a page by `?via=` or `?ref=`, past the redirect. */
export async function reportClick(
  context: Context,
  { linkCache }: Pick<BeaconClickDependencies, 'linkCache'>,
  visit: {
    readonly workspace: Workspace;
    readonly host: string;
    readonly click: BeaconClick;
    readonly request: BeaconRequest;
    readonly visitor: Identifier | undefined;
    /** Somebody new in place of a visitor who was erased. */
    readonly successorOf: (erased: Identifier) => Promise<Identifier | undefined>;
  },
): Promise<Result<ReportedClick, ReportClickRefusal>> {
  const { workspace, click, request, visitor, successorOf } = visit;
  const link = await findLink(context, linkCache, visit);
  if (link === undefined) return refuse('link_not_found', 'Link not found');
  if (link.expiresAt !== null && request.receivedAt >= link.expiresAt)
    return refuse('link_expired', 'Link expired');

  const id = context.createId(request.receivedAt);
  const signals = withCookies(click.signals, request);
  const consent = withSignal(click.consent, request.gpc);
  const ads = allowsAds(workspace.settings, consent);
  const url = keptUrl(click.url, ads);
  const referrer = keptUrl(click.referrer, ads);
  const event: IncomingEvent = {
    workspaceId: workspace.id,
    id,
    key: click.eventId ?? id,
    digest: digestOf(click),
    type: 'link_click',
    occurredAt: request.receivedAt,
    origin: 'beacon',
    linkId: link.id,
    ...(link.linkType === 'referral' && link.partnerId !== null && { isReferral: true as const }),
    ...(visitor === undefined
      ? { identifiers: [], createsVisitor: false }
      : {
          identifiers: [visitor],
          createsVisitor: true,
          arrival: captureArrival(context, workspace, {
            url: click.url,
            referrer: click.referrer,
            userAgent: request.userAgent,
            signals,
            link,
            ads,
          }),
        }),
    ...(url !== undefined && { url }),
    ...(referrer !== undefined && { referrer }),
    ...describeSender(request),
    ...(consent !== undefined && { consent }),
  };
  const outcome = await submitAnew(event, (given) => context.ingest.submit(given), successorOf);
  if (outcome.outcome === 'rejected') {
    const isConflict = outcome.code === 'idempotency_conflict';
    return refuse(isConflict ? 'idempotency_conflict' : 'click_rejected', outcome.message);
  }
  return ok({
    // Of a repeat it is the id of the click that was there before.
    clickId: outcome.eventId,
    visitorId: outcome.visitorId,
    rotate: outcome.identity.rotate === true,
    link,
  });
}

/** A link of this host, or the one referral link with the key: referral programmes run on the product's own pages. */
async function findLink(
  context: Context,
  linkCache: Pick<LinkCache, 'find'>,
  {
    workspace,
    host,
    click: { key },
    request,
  }: {
    readonly workspace: Workspace;
    readonly host: string;
    readonly click: BeaconClick;
    readonly request: BeaconRequest;
  },
): Promise<StoredRedirectLink | undefined> {
  if (!isKey(key)) return undefined;
  const link = await linkCache.find(workspace.id, host, key);
  if (link !== undefined) return link;
  const { db } = context.database;
  const [id, another] = await selectReferralLinkIds(db, workspace.id, key, request.receivedAt);
  const referral =
    id === undefined || another !== undefined ? undefined : await getLink(context, workspace, id);
  return referral && toStoredRedirectLink(referral);
}
