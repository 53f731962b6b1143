import { isIP } from 'node:net';

import { isUuid } from '../kernel/id.ts';
import type { FieldErrors } from '../kernel/validation.ts';
import { isPrivateAddress } from '../outbound/private-address.ts';
import { endpointLimits, endpointUrlProblem, eventTypesProblem } from './webhook-endpoint.ts';
import type { WebhookEndpoint } from './webhook-endpoint.ts';

type Chosen = Pick<WebhookEndpoint, 'url' | 'description' | 'eventTypes' | 'linkIds'>;

/**
 * The fields that somebody decides on, or what is wrong with them. Where a name leads to is judged when a message is sent; an
 * address that says by itself that it is private never gets so far.
 */
export function checkEndpoint(
  input: Chosen,
  { allowPrivateNetworks }: { readonly allowPrivateNetworks: boolean },
):
  | { readonly ok: true; readonly value: Chosen }
  | { readonly ok: false; readonly errors: FieldErrors } {
  const { url, description, eventTypes, linkIds } = input;
  const { descriptionLengthMax, linksMax } = endpointLimits;
  const problems: Record<keyof Chosen, string | undefined> = {
    url:
      endpointUrlProblem(url, allowPrivateNetworks) ??
      (allowPrivateNetworks ? undefined : privateHostProblem(url)),
    description:
      description !== null &&
      (typeof description !== 'string' || description.length > descriptionLengthMax)
        ? `must have at most ${descriptionLengthMax} characters`
        : undefined,
    eventTypes: eventTypesProblem(eventTypes),
    linkIds:
      Array.isArray(linkIds) && linkIds.length <= linksMax && linkIds.every(isUuid)
        ? undefined
        : `must be a list of at most ${linksMax} ids of links`,
  };
  const errors = Object.fromEntries(
    Object.entries(problems).flatMap(([field, problem]) =>
      problem === undefined ? [] : [[field, [problem]]],
    ),
  );
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  return {
    ok: true,
    value: {
      url: new URL(url).href,
      description: description === '' ? null : description,
      eventTypes: [...eventTypes],
      linkIds: linkIds.map((id) => id.toLowerCase()),
    },
  };
}

function privateHostProblem(url: string): string | undefined {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  // RFC 6761 §6.3: these names are always loopback.
  const isLoopback = /(?:^|\.)localhost\.?$/.test(host);
  return isLoopback || (isIP(host) !== 0 && isPrivateAddress(host))
    ? 'must not be an address in a private network'
    : undefined;
}
