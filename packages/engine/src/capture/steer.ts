import type { Context } from '../context.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import { within } from '../kernel/within.ts';
import { decideRoute } from '../links/decide-route.ts';
import type { RouteDecision, RouteRequest } from '../links/decide-route.ts';
import type { LinkDomains } from '../links/link-domains.ts';
import type { LinkUse, LinkUses } from '../links/link-uses.ts';
import { readStanding } from '../links/read-standing.ts';
import type { Standing } from '../links/read-standing.ts';
import type { Captures } from '../links/link-pattern.ts';
import type { RedirectLink } from '../links/redirect-link.ts';
import { toRouteFacts } from '../links/route-facts.ts';
import { destinationOf, passedQuery } from '../links/steering.ts';
import type { Steering } from '../links/steering.ts';
import { takeSeats } from '../links/take-seats.ts';
import type { Place } from '../places/place.ts';
import type { DeviceDescription } from '../devices/device.ts';
import type { Identifier } from '../ingest/event.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { checkPassword } from './check-password.ts';
import type { Destination } from './destination.ts';
import type { IncomingRequest, OutgoingResponse } from './exchange.ts';
import { answerWithPage, elsewhere } from './link-answers.ts';
import { isPrefetch } from './link-request.ts';
import { passwordPage } from './link-page.ts';
import { unavailable } from './look-up-link.ts';
import { socialCard } from './social-card.ts';

/** Where somebody is let go, and what the click remembers of it. */
export interface Way {
  readonly destination: Destination;
  /** What the destination gets of the request's query. */
  readonly query: string;
  readonly properties: Readonly<Record<string, string>>;
  /** After the form of a password: the browser has to ask with GET. */
  readonly status: 302 | 303;
  /** What a machine is shown instead. */
  readonly card?: OutgoingResponse;
}

export interface SteeredRequest {
  readonly request: IncomingRequest;
  readonly link: RedirectLink;
  readonly steering: Steering;
  readonly captures: Captures | undefined;
  readonly workspace: Workspace | undefined;
  readonly query: string;
  readonly place: Place | undefined;
  readonly device: DeviceDescription;
  readonly now: number;
  /** Of who may be recognised. */
  readonly visitor: Identifier | undefined;
  /** Whether that was brought along, and not made just now. */
  readonly isKnown: boolean;
  /** HEAD and machines look, and take nobody's place. */
  readonly onlyLooks: boolean;
}

/** Decides about a request to a link that is not plain: an answer, or the way on. */
export type Steer = (
  steered: SteeredRequest,
) => Promise<Way | { readonly answer: OutgoingResponse }>;

/** What rules ask of the database is waited for as long as a click. */
const patience = 50;

export function createSteer(
  context: Context,
  { domains, uses }: { readonly domains: LinkDomains; readonly uses: LinkUses },
): Steer {
  return async function steer(steered) {
    const { request, link, steering, device } = steered;
    const { card, limits } = steering;
    const isPost = request.method === 'POST';
    if (limits.length > 0 && isPrefetch(request)) return { answer: unavailable };
    let asked: Pick<RouteRequest, 'used' | 'clicks' | 'standing' | 'hasSeat'>;
    try {
      asked = await ask(steered);
    } catch (error) {
      context.logger.warn('A limit of a link could not be counted', {
        error: describeFault(error),
      });
      return { answer: unavailable };
    }
    const route: RouteRequest = {
      ...toRouteFacts({ ...steered, header: request.header, address: request.remoteAddress }),
      ...asked,
      captures: steered.captures,
      isUnlocked: false,
    };
    let decision = decideRoute(link, steering, route);
    if (decision.outcome === 'password' && isPost) {
      const refused = await checkPassword(context, link, steering.passwordHash ?? '', request);
      if (refused !== undefined) return { answer: refused };
      decision = decideRoute(link, steering, { ...route, isUnlocked: true });
    }
    if (decision.outcome !== 'destination') return { answer: await answerTo(decision, steered) };

    if (!steered.onlyLooks && limits.some(({ isExact }) => isExact)) {
      try {
        const { workspaceId, id: linkId } = link;
        const hasSeat = asked.hasSeat === true;
        const full = await takeSeats(context, { workspaceId, linkId, limits, hasSeat });
        if (full !== undefined)
          return { answer: await answerTo({ outcome: 'expired', target: full.target }, steered) };
      } catch (error) {
        context.logger.warn('A limit of a link could not be counted', {
          error: describeFault(error),
        });
        return { answer: unavailable };
      }
    }
    const { rule, variant, target } = decision;
    return {
      destination: destinationOf(target, steered.captures, steering.campaign),
      query: passedQuery(steered.query, steering),
      properties: {
        ...(rule !== undefined && { rule }),
        ...(variant !== undefined && { variant }),
      },
      status: isPost ? 303 : 302,
      // For those who make previews for others, and for nobody who follows the link.
      ...(card !== undefined &&
        device.machine?.category === 'preview' && {
          card: socialCard(card, `${request.scheme}://${request.host}${request.target}`),
        }),
    };
  };

  async function ask(
    steered: SteeredRequest,
  ): Promise<Pick<RouteRequest, 'used' | 'clicks' | 'standing' | 'hasSeat'>> {
    const { link, steering, workspace, visitor, isKnown } = steered;
    const { limits, wants } = steering;
    const wantsUse = limits.length > 0 || wants.clicks;
    const isExactAboutConversions = limits.some((one) => one.kind === 'conversions' && one.isExact);
    const use = !wantsUse
      ? undefined
      : isExactAboutConversions
        ? await uses.exactly(link.workspaceId, link.id)
        : await uses.of(link.workspaceId, link.id);
    const wantsStanding = wants.customer || limits.some(({ kind }) => kind === 'people');
    let known: Standing | undefined;
    if (wantsStanding && isKnown && visitor !== undefined && workspace !== undefined)
      known = await within(
        readStanding(context, workspace, { visitor, linkId: link.id }),
        patience,
      ).catch(() => undefined);
    return {
      used: usedOf(use, steered),
      clicks: use?.clicks,
      hasSeat: known?.hasFollowed,
      standing: standingOf(steered, known),
    };
  }

  async function answerTo(
    decision: RouteDecision,
    { request, link, captures }: SteeredRequest,
  ): Promise<OutgoingResponse> {
    if (decision.outcome === 'password') return passwordPage(200);
    const { outcome, target } = decision;
    return target === undefined || outcome === 'destination'
      ? answerWithPage(
          domains,
          outcome === 'inactive' ? outcome : 'expired',
          link.workspaceId,
          request.host,
        )
      : elsewhere(destinationOf(target, captures).plain);
  }
}

/** An exact limit of clicks or people is counted when a seat is taken: those who only look see what is committed. */
function usedOf(
  use: LinkUse | undefined,
  { steering, onlyLooks }: SteeredRequest,
): RouteRequest['used'] {
  if (use === undefined) return {};
  const isTaken = (kind: 'clicks' | 'people'): boolean =>
    steering.limits.some((limit) => limit.kind === kind && limit.isExact);
  const count = (kind: 'clicks' | 'people'): number | undefined =>
    !isTaken(kind) ? use[kind] : onlyLooks ? (use.seats[kind] ?? use[kind]) : undefined;
  return { clicks: count('clicks'), people: count('people'), conversions: use.conversions };
}

function standingOf(
  { visitor, isKnown, steering }: SteeredRequest,
  known: Standing | undefined,
): RouteRequest['standing'] {
  if (visitor === undefined || visitor.kind !== 'visitor') return undefined;
  if (!isKnown) return 'new';
  if (!steering.wants.customer) return 'known';
  // Whether it is a customer is not known, so that nothing is.
  if (known === undefined) return undefined;
  return known.isCustomer ? 'customer' : 'known';
}
