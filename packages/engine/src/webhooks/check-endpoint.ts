import { isUuid } from '../kernel/id.ts';
import type { FieldErrors } from '../kernel/validation.ts';
import { endpointLimits, endpointUrlProblem, eventTypesProblem } from './webhook-endpoint.ts';
import type { WebhookEndpoint } from './webhook-endpoint.ts';

type Chosen = Pick<WebhookEndpoint, 'url' | 'description' | 'eventTypes' | 'linkIds'>;

/** The fields that somebody decides on, or what is wrong with them. */
export function checkEndpoint(
  input: Chosen,
):
  | { readonly ok: true; readonly value: Chosen }
  | { readonly ok: false; readonly errors: FieldErrors } {
  const { url, description, eventTypes, linkIds } = input;
  const { descriptionLengthMax, linksMax } = endpointLimits;
  const problems: Record<keyof Chosen, string | undefined> = {
    url: endpointUrlProblem(url),
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
