import type { Context } from '../context.ts';
import { isActivePartner } from '../partners/get-partner.ts';
import { visitorCookie } from '../privacy/privacy-rules.ts';
import { partnerCookie } from '../referrals/landing-cookie.ts';
import type { BeaconAccess } from './beacon-access.ts';
import { jsonResponse, refusalResponse } from './beacon-answer.ts';
import type { Headers } from './beacon-answer.ts';
import { reportClick } from './beacon-click.ts';
import type { BeaconClickDependencies, ReportClickRefusal } from './beacon-click.ts';
import { readBeaconClick } from './beacon-schema.ts';
import type { BeaconVisitors } from './beacon-visitor.ts';
import type { IncomingRequest, OutgoingResponse } from './exchange.ts';

/** A page that may write, and what it wrote. */
export interface BeaconCall {
  readonly request: IncomingRequest;
  readonly receivedAt: number;
  readonly access: BeaconAccess;
  readonly body: unknown;
  readonly cors: Headers;
}

const clickStatus = {
  link_not_found: 404,
  link_expired: 410,
  idempotency_conflict: 409,
  click_rejected: 422,
} as const satisfies Record<ReportClickRefusal['code'], number>;

/** Answers `{base}/t/click`: somebody came to a page by `?via=` or `?ref=`, past the redirect. */
export async function answerClick(
  context: Context,
  dependencies: BeaconClickDependencies,
  {
    request,
    receivedAt,
    access,
    body,
    cors,
    visitors,
  }: BeaconCall & { readonly visitors: BeaconVisitors },
): Promise<OutgoingResponse> {
  const click = readBeaconClick(body);
  if (!click.ok) return refusalResponse(422, click, cors);
  const visit = await visitors.read(request, access, receivedAt);
  const reported = await reportClick(context, dependencies, {
    workspace: access.workspace,
    host: request.host,
    click: click.value,
    request: visit.request,
    visitor: await visit.identifierFor(click.value),
    successorOf: visit.successorOf,
  });
  if (!reported.ok) return refusalResponse(clickStatus[reported.code], reported, cors);
  const { clickId, visitorId, rotate, link } = reported.value;
  return jsonResponse(
    200,
    {
      status: 'ok',
      click_id: clickId,
      ga_id: clickId,
      ...(visitorId !== undefined && { visitor_id: visitorId }),
      ...visit.told({ rotate }),
    },
    [...cors, ...visit.cookies({ rotate, clickId }), ...(await contextCookie())],
  );

  /** Who sent the person, kept where cookies of ours come back; nothing of a partner who does not earn now. */
  async function contextCookie(): Promise<Headers> {
    const { workspace, crossSite } = access;
    if (crossSite || visitorId === undefined || link.partnerId === null) return [];
    if (visitorCookie(workspace.settings) === undefined) return [];
    if (!(await isActivePartner(context.database.db, workspace.id, link.partnerId))) return [];
    return partnerCookie(context, workspace, { link, clickId, request, now: receivedAt });
  }
}
