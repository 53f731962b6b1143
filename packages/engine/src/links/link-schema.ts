import * as z from 'zod';

import {
  countOut,
  idOut,
  instant,
  jsonObject,
  moneyOut,
  timestampOut,
  uuid,
} from '../http/fields-schema.ts';
import { given } from '../kernel/given.ts';
import type { LinkClickPage } from './link-clicks.ts';
import type { LinkInput } from './create-link.ts';
import { linkTypes } from './link.ts';
import type { Link, LinkChanges } from './link.ts';
import type { LinkStats } from './link-stats.ts';
import { sharePlatforms, shareUrls } from './share-urls.ts';
import { shortUrl } from './short-url.ts';

type LinkClick = LinkClickPage['clicks'][number];

export const linkIdParams = z.object({ id: uuid });
export const linkPartParams = z.object({ link_id: uuid });

const address = z.string().meta({ format: 'uri', example: 'https://example.com/sale' });
const withoutEffect = 'Kept, and without effect on the redirect until a later version.';
const clearedByNull = { description: '`null` clears it' };

const changeable = {
  link_type: z.enum(linkTypes).optional().meta({ default: 'short' }),
  partner_id: uuid
    .nullish()
    .meta({ description: 'Required for referral links, and only for those' }),
  utm_source: z.string().nullish().meta({ example: 'twitter' }),
  utm_medium: z.string().nullish().meta({ example: 'social' }),
  utm_campaign: z.string().nullish().meta({ example: 'launch-2026' }),
  utm_content: z.string().nullish(),
  utm_term: z.string().nullish(),
  ios_url: z.string().nullish().meta(clearedByNull),
  android_url: z.string().nullish().meta(clearedByNull),
  geo_targeting: jsonObject.nullish().meta({
    description:
      'Destinations by country (ISO 3166-1 alpha-2). They win over `ios_url`, `android_url` and `url`.',
    example: { DE: 'https://example.de/sale' },
  }),
  og_title: z.string().nullish().meta({ description: withoutEffect }),
  og_description: z.string().nullish().meta({ description: withoutEffect }),
  og_image: z.string().nullish().meta({ description: withoutEffect }),
  tags: z
    .array(z.string())
    .nullish()
    .meta({ example: ['launch', 'social'] }),
  external_id: z
    .string()
    .nullish()
    .meta({ description: 'Your own id of the link, unique among the live ones' }),
  metadata: jsonObject.nullish(),
  expires_at: instant.nullish().meta({ description: 'From then on the link answers 410' }),
  folder_id: uuid.nullish(),
  notes: z.string().nullish().meta({ description: 'For the people who manage the link' }),
  fallback_url: z
    .string()
    .nullish()
    .meta({ description: 'Where the link leads while its destination is down' }),
  health_check: z
    .boolean()
    .nullish()
    .meta({ description: 'Whether the destination is looked at every five minutes' }),
};

export const linkParams = z
  .strictObject({
    domain: z
      .string()
      .nullish()
      .meta({ description: 'Default: the first configured link domain', example: 'mybrand.link' }),
    key: z
      .string()
      .nullish()
      .meta({ description: 'Default: seven random letters and digits', example: 'promo' }),
    url: address,
    utm_template_id: uuid.nullish().meta({
      description:
        'UTM values for what is not given. Default: the default template of the workspace; `null`: none',
    }),
    ...changeable,
  })
  .meta({ id: 'LinkParams' });

const unchangeable = { description: 'Never changes; taken where it is what the link has' };

export const linkUpdateParams = z
  .strictObject({
    domain: z.string().optional().meta(unchangeable),
    key: z.string().optional().meta(unchangeable),
    url: address.optional(),
    ...changeable,
  })
  .meta({ id: 'LinkUpdateParams', description: 'What is absent stays, `null` clears.' });

const counters = {
  total_clicks: countOut,
  unique_clicks: countOut,
  total_leads: countOut,
  total_sales: countOut,
  total_revenue_cents: countOut.meta({ description: "Minor units of the workspace's currency" }),
  revenue: z.array(moneyOut).meta({ description: 'In every currency' }),
  machine_clicks: countOut.meta({
    description: 'Bots, crawlers and previews; never part of the clicks',
  }),
};

const optionalText = z.string().nullable();

export const linkResponse = z
  .object({
    id: idOut,
    domain: z.string().meta({ example: 'mybrand.link' }),
    key: z.string().meta({ example: 'promo' }),
    short_url: z.string().meta({ format: 'uri', example: 'https://mybrand.link/promo' }),
    share_urls: z
      .object(Object.fromEntries(sharePlatforms.map((platform) => [platform, z.string()])))
      .meta({ description: 'By platform: the address that opens its form for sharing' }),
    domain_verified: z
      .boolean()
      .meta({ description: 'Whether the link is served on its domain now' }),
    url: address,
    link_type: z.enum(linkTypes),
    partner_id: idOut.nullable(),
    utm_source: optionalText,
    utm_medium: optionalText,
    utm_campaign: optionalText,
    utm_content: optionalText,
    utm_term: optionalText,
    ios_url: optionalText,
    android_url: optionalText,
    geo_targeting: jsonObject,
    og_title: optionalText,
    og_description: optionalText,
    og_image: optionalText,
    tags: z.array(z.string()),
    external_id: optionalText,
    metadata: jsonObject,
    expires_at: timestampOut.nullable(),
    folder_id: idOut.nullable(),
    notes: optionalText,
    fallback_url: optionalText,
    health_check: z.boolean(),
    is_down: z.boolean().meta({ description: 'Whether the last checks of the destination failed' }),
    archived_at: timestampOut.nullable(),
    ...counters,
    inserted_at: timestampOut,
    updated_at: timestampOut,
  })
  .meta({ id: 'LinkResponse' });

export const linkStatsResponse = z.object(counters).meta({ id: 'LinkStatsResponse' });

export const clickResponse = z
  .object({
    id: idOut,
    visitor_id: idOut.nullable(),
    url: optionalText,
    referrer: optionalText,
    ip_address: optionalText.meta({ description: 'Truncated before it is stored: /24 or /48' }),
    user_agent: optionalText,
    machine: optionalText.meta({ description: 'The name of the bot, crawler or preview' }),
    properties: jsonObject,
    inserted_at: timestampOut.meta({ description: 'When the link was followed' }),
  })
  .meta({ id: 'ClickResponse' });

function toFields(body: Omit<z.output<typeof linkUpdateParams>, 'domain' | 'key'>): LinkChanges {
  return {
    url: body.url,
    linkType: body.link_type,
    partnerId: body.partner_id,
    utmSource: body.utm_source,
    utmMedium: body.utm_medium,
    utmCampaign: body.utm_campaign,
    utmContent: body.utm_content,
    utmTerm: body.utm_term,
    iosUrl: body.ios_url,
    androidUrl: body.android_url,
    geoTargeting: body.geo_targeting as Record<string, string> | null | undefined,
    ogTitle: body.og_title,
    ogDescription: body.og_description,
    ogImage: body.og_image,
    tags: body.tags,
    externalId: body.external_id,
    metadata: body.metadata,
    expiresAt: body.expires_at,
    folderId: body.folder_id,
    notes: body.notes,
    fallbackUrl: body.fallback_url,
    healthCheck: body.health_check,
  };
}

/** The use case refuses another domain or key than the link has. */
export function toLinkChanges(body: z.output<typeof linkUpdateParams>): LinkChanges {
  const { domain, key, ...fields } = body;
  return { ...toFields(fields), ...given({ domain, key }) };
}

export function toLinkInput(body: z.output<typeof linkParams>): LinkInput {
  const { url, domain, key, utm_template_id: utmTemplateId } = body;
  return { ...toFields(body), url, domain, key, utmTemplateId };
}

export interface LinkSurroundings {
  readonly scheme: 'http' | 'https';
  readonly domainVerified: boolean;
  readonly stats: LinkStats | undefined;
}

export function toLinkResponse(link: Link, around: LinkSurroundings): z.input<typeof linkResponse> {
  const short = shortUrl(link, around.scheme);
  return {
    id: link.id,
    domain: link.domain,
    key: link.key,
    short_url: short,
    share_urls: shareUrls(short, { text: link.ogTitle ?? undefined }),
    domain_verified: around.domainVerified,
    url: link.url,
    link_type: link.linkType,
    partner_id: link.partnerId,
    utm_source: link.utmSource,
    utm_medium: link.utmMedium,
    utm_campaign: link.utmCampaign,
    utm_content: link.utmContent,
    utm_term: link.utmTerm,
    ios_url: link.iosUrl,
    android_url: link.androidUrl,
    geo_targeting: { ...link.geoTargeting },
    og_title: link.ogTitle,
    og_description: link.ogDescription,
    og_image: link.ogImage,
    tags: [...link.tags],
    external_id: link.externalId,
    metadata: { ...link.metadata },
    expires_at: link.expiresAt?.toISOString() ?? null,
    folder_id: link.folderId,
    notes: link.notes,
    fallback_url: link.fallbackUrl,
    health_check: link.healthCheck,
    is_down: link.isDown,
    archived_at: link.archivedAt?.toISOString() ?? null,
    ...toLinkStatsResponse(around.stats),
    inserted_at: link.createdAt.toISOString(),
    updated_at: link.updatedAt.toISOString(),
  };
}

/** A link that nobody has followed has no row of counters. */
export function toLinkStatsResponse(
  stats: LinkStats | undefined,
): z.input<typeof linkStatsResponse> {
  return {
    total_clicks: stats?.clicks ?? 0,
    unique_clicks: stats?.uniqueClicks ?? 0,
    total_leads: stats?.leads ?? 0,
    total_sales: stats?.sales ?? 0,
    total_revenue_cents: Number(stats?.revenueMinor ?? 0n),
    revenue: (stats?.revenue ?? []).map(({ currency, amountMinor }) => ({
      currency,
      amount: Number(amountMinor),
    })),
    machine_clicks: stats?.machineClicks ?? 0,
  };
}

export function toClickResponse(click: LinkClick): z.input<typeof clickResponse> {
  return {
    id: click.id,
    visitor_id: click.visitorId,
    url: click.url,
    referrer: click.referrer,
    ip_address: click.ipPrefix,
    user_agent: click.userAgent,
    machine: click.machine,
    properties: { ...click.properties },
    inserted_at: click.occurredAt.toISOString(),
  };
}
