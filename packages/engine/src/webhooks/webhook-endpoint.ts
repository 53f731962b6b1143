import type { EndpointHealth } from './endpoint-health.ts';
import { everyType, webhookTypes } from './webhook-type.ts';
import type { WebhookType } from './webhook-type.ts';

export interface WebhookEndpoint {
  readonly workspaceId: string;
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  /** `['*']` is everything. */
  readonly eventTypes: readonly string[];
  /** Only what is about one of these links; empty: about all, and about none. */
  readonly linkIds: readonly string[];
  readonly status: 'enabled' | 'disabled';
  /** Why Headwater has disabled it: nothing arrived for five days, or the receiver said that it is gone (410). */
  readonly disabledReason: 'failing' | 'gone' | null;
  /** Since when nothing has arrived. */
  readonly failingSince: Date | null;
  readonly archivedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** An endpoint as it is stored: with its sealed secrets, and what its last attempts have shown. */
export interface StoredEndpoint extends WebhookEndpoint, EndpointHealth {
  readonly secrets: Uint8Array;
  /** What was recorded before is not told of. */
  readonly enabledAt: Date;
}

export const endpointLimits = {
  urlLengthMax: 2_048,
  descriptionLengthMax: 500,
  linksMax: 100,
  /** Live ones of a workspace. */
  endpointsMax: 50,
} as const;

/** What has happened, as far as it decides who is told. */
export interface Occurrence {
  readonly type: WebhookType;
  /** The links that it is about: the one that was followed or changed, and the one that a conversion is credited to. */
  readonly linkIds: readonly string[];
}

export function isToldOf(endpoint: WebhookEndpoint, { type, linkIds: about }: Occurrence): boolean {
  const { eventTypes, linkIds } = endpoint;
  if (!eventTypes.includes(type) && !eventTypes.includes(everyType)) return false;
  return linkIds.length === 0 || about.some((id) => linkIds.includes(id));
}

/**
 * What is wrong with an address that messages shall go to.
 * @param allowHttp where private networks are allowed, for trying things out
 */
export function endpointUrlProblem(url: unknown, allowHttp: boolean): string | undefined {
  const rule = 'must be an https address without a user name, a password or a fragment';
  if (typeof url !== 'string' || url.length > endpointLimits.urlLengthMax || !URL.canParse(url))
    return rule;
  const { protocol, username, password, hash } = new URL(url);
  if (protocol !== 'https:' && !(allowHttp && protocol === 'http:')) return rule;
  return username !== '' || password !== '' || hash !== '' ? rule : undefined;
}

export function eventTypesProblem(types: readonly unknown[]): string | undefined {
  const known: readonly string[] = [everyType, ...webhookTypes];
  const isGood =
    Array.isArray(types) &&
    types.length > 0 &&
    new Set(types).size === types.length &&
    types.every((type) => typeof type === 'string' && known.includes(type));
  return isGood ? undefined : `must be a list, without repeats, of ${known.join(', ')}`;
}
