import type { LinkChanges } from '../links/link.ts';
import { isRecord } from './event-mapping.ts';
import { tryJson } from './link-record.ts';
import type { LinkRecord } from './link-record.ts';
import { parseInstant } from './parse-instant.ts';

export const linkSources = [
  'csv',
  'bitly',
  'dub',
  'kutt',
  'shlink',
  'yourls',
  'rebrandly',
  'short-io',
] as const;
export type LinkSource = (typeof linkSources)[number];

type SomeFields = Omit<LinkChanges, 'url'>;

/** What a row says of a link, in our words. */
export interface ForeignLink {
  /** The whole short address, where the row has one. */
  readonly shortUrl?: string | undefined;
  readonly domain?: string | undefined;
  readonly key?: string | undefined;
  readonly fields: SomeFields & { readonly url?: string | undefined };
  /** Short addresses that lead to the same place. */
  readonly otherShortUrls?: readonly string[];
  readonly clicks?: number | undefined;
  readonly createdAt?: string | undefined;
  /** Why it is left alone: it does not redirect there either. */
  readonly skip?: string | undefined;
  readonly hasPassword?: boolean | undefined;
  /** In the form of the routing of links: from when, how often, where to afterwards. */
  readonly startAt?: string | undefined;
  readonly clicksMax?: number | undefined;
  readonly expiredUrl?: string | undefined;
  /** What there is no place for here. */
  readonly lost?: readonly string[];
}

/** What the products write: the fields of their APIs and the columns of their files. */
export const readForeignLink: Readonly<Record<LinkSource, (row: LinkRecord) => ForeignLink>> = {
  csv: readCsv,
  // https://dev.bitly.com/api-reference/#getBitlinksByGroup
  bitly: (row) => ({
    shortUrl: row.text('link', 'bitlink', 'short_url', 'short_link', 'id'),
    otherShortUrls: row.list('custom_bitlinks', 'custom_bitlink', 'custom_links'),
    fields: {
      url: row.text('long_url', 'destination_url', 'destination', 'url'),
      ...tags(row, 'tags'),
      notes: row.text('title'),
      ...date('expiresAt', row.text('expiration_at', 'expires_at')),
    },
    clicks: row.number('engagements', 'clicks', 'total_clicks', 'total_engagements'),
    createdAt: row.text('created_at', 'created', 'date_created'),
    skip: row.flag('archived') ? 'archived' : undefined,
  }),
  // https://dub.co/docs/api-reference/endpoint/retrieve-a-list-of-links, and the labels of its CSV
  dub: (row) => ({
    shortUrl: row.text('short_link', 'link'),
    domain: row.text('domain'),
    key: row.text('key'),
    fields: {
      url: row.text('url', 'destination_url'),
      ...tags(row, 'tags', 'tag_names'),
      externalId: row.text('external_id'),
      ogTitle: row.text('title'),
      ogDescription: row.text('description'),
      ogImage: webAddress(row.text('image')),
      notes: row.text('comments'),
      iosUrl: row.text('ios'),
      androidUrl: row.text('android'),
      ...json('geoTargeting', row.value('geo')),
      ...utm(row),
      ...date('expiresAt', row.text('expires_at')),
    },
    clicks: row.number('clicks'),
    createdAt: row.text('created_at'),
    expiredUrl: row.text('expired_url'),
    skip: skipReason(row),
    hasPassword: row.value('password') !== undefined,
    lost: lost(row, { rewrite: 'cloaking', test_variants: 'A/B variants' }),
  }),
  // https://docs.kutt.it/#tag/links/operation/get-links
  kutt: (row) => ({
    shortUrl: row.text('link'),
    domain: row.text('domain'),
    key: row.text('address'),
    fields: {
      url: row.text('target'),
      notes: row.text('description'),
      ...date('expiresAt', row.text('expire_in')),
    },
    clicks: row.number('visit_count'),
    createdAt: row.text('created_at'),
    skip: row.flag('banned') ? 'banned' : undefined,
    hasPassword: row.flag('password'),
  }),
  // https://api-spec.shlink.io/#/Short%20URLs/listShortUrls, and the CSV of its web client
  shlink: (row) => {
    const meta = (row.value('meta') ?? {}) as Record<string, unknown>;
    const visits = (row.value('visits_summary') ?? {}) as Record<string, unknown>;
    return {
      shortUrl: row.text('short_url'),
      domain: row.text('domain'),
      key: row.text('short_code'),
      fields: {
        url: row.text('long_url'),
        ...tags(row, 'tags'),
        notes: row.text('title'),
        ...date('expiresAt', textOf(meta['validUntil']) ?? row.text('valid_until')),
      },
      clicks: numberOf(visits['total']) ?? row.number('visits', 'visits_count'),
      createdAt: row.text('date_created', 'created_at'),
      startAt: textOf(meta['validSince']) ?? row.text('valid_since'),
      clicksMax: numberOf(meta['maxVisits']) ?? row.number('max_visits'),
      lost: lost(row, { has_redirect_rules: 'redirect rules' }),
    };
  },
  // https://yourls.org/docs/development/database: the table `yourls_url`, and `action=stats` of its API
  // The address of who made a link, which its rows have, is left where it is.
  yourls: (row) => ({
    shortUrl: row.text('shorturl'),
    key: row.text('keyword'),
    fields: { url: row.text('url'), notes: row.text('title') },
    clicks: row.number('clicks'),
    createdAt: row.text('timestamp'),
  }),
  // https://developers.rebrandly.com/docs/link-entity
  rebrandly: (row) => {
    const domain = row.value('domain');
    const name = isRecord(domain) ? domain['fullName'] : undefined;
    return {
      shortUrl: row.text('short_url', 'branded_link', 'link'),
      domain: textOf(name) ?? textOf(domain) ?? row.text('domain_name'),
      key: row.text('slashtag'),
      fields: {
        url: row.text('destination', 'destination_url', 'long_url'),
        ...tags(row, 'tags'),
        notes: row.text('title'),
      },
      clicks: row.number('clicks', 'sessions'),
      createdAt: row.text('created_at', 'creation_date'),
    };
  },
  // https://developers.short.io/reference/get_api-links
  'short-io': (row) => ({
    shortUrl: row.text('secure_short_url', 'short_url', 'short_link'),
    domain: row.text('domain'),
    key: row.text('path', 'slug'),
    fields: {
      url: row.text('original_url', 'destination_url', 'url'),
      ...tags(row, 'tags'),
      notes: row.text('title'),
      iosUrl: row.text('iphone_url'),
      androidUrl: row.text('android_url'),
      ...utm(row),
      ...date('expiresAt', row.text('expires_at')),
    },
    clicks: row.number('clicks', 'clicks_count', 'total_clicks'),
    createdAt: row.text('created_at'),
    clicksMax: row.number('clicks_limit'),
    expiredUrl: row.text('expired_url'),
    skip: row.flag('archived') ? 'archived' : undefined,
    hasPassword: row.flag('has_password') || row.text('password') !== undefined,
    lost: lost(row, { cloaking: 'cloaking', split_url: 'the second destination of a split' }),
  }),
};

/** Our own exports, and whatever calls its columns by plain names. */
function readCsv(row: LinkRecord): ForeignLink {
  return {
    shortUrl: row.text('short_url', 'short_link', 'link'),
    domain: row.text('domain'),
    key: row.text('key', 'slug', 'path', 'back_half'),
    fields: {
      url: row.text('url', 'destination', 'destination_url', 'long_url', 'target'),
      ...tags(row, 'tags'),
      ...(row.text('link_type') === 'campaign' && { linkType: 'campaign' as const }),
      externalId: row.text('external_id'),
      notes: row.text('notes', 'comments'),
      ogTitle: row.text('og_title', 'title'),
      ogDescription: row.text('og_description', 'description'),
      ogImage: row.text('og_image', 'image'),
      iosUrl: row.text('ios_url'),
      androidUrl: row.text('android_url'),
      fallbackUrl: row.text('fallback_url'),
      ...(row.flag('health_check') && { healthCheck: true }),
      ...json('geoTargeting', row.value('geo_targeting')),
      ...json('metadata', row.value('metadata')),
      ...utm(row),
      ...date('expiresAt', row.text('expires_at', 'expiration')),
    },
    clicks: row.number('total_clicks', 'clicks'),
    createdAt: row.text('inserted_at', 'created_at'),
    skip: row.value('archived_at') === undefined ? undefined : 'archived',
    hasPassword: row.flag('protected') || row.text('password') !== undefined,
  };
}

/** None said: an update leaves those that a link has. */
function tags(row: LinkRecord, ...columns: readonly string[]): SomeFields {
  const list = row.list(...columns);
  return list.length === 0 ? {} : { tags: list };
}

function utm(row: LinkRecord) {
  return {
    utmSource: row.text('utm_source'),
    utmMedium: row.text('utm_medium'),
    utmCampaign: row.text('utm_campaign'),
    utmContent: row.text('utm_content'),
    utmTerm: row.text('utm_term'),
  };
}

/** What cannot be read stays as it is, for the rules of links to say so. */
function date(field: 'expiresAt', text: string | undefined): SomeFields {
  if (text === undefined) return {};
  const format = /^\d{9,10}$/.test(text) ? 'unix_seconds' : 'unix_milliseconds';
  const read = parseInstant(text, 'iso', 'Z') ?? parseInstant(text, format, 'Z');
  return { [field]: read ?? new Date(NaN) };
}

function json(field: 'geoTargeting' | 'metadata', value: unknown): SomeFields {
  const read = typeof value === 'string' ? (tryJson(value) ?? value) : value;
  return read === undefined ? {} : { [field]: read };
}

function skipReason(row: LinkRecord): string | undefined {
  if (row.flag('archived')) return 'archived';
  return row.text('disabled_at') === undefined ? undefined : 'disabled';
}

/** Products keep pictures as data or in places of their own. */
function webAddress(text: string | undefined): string | undefined {
  return text !== undefined && /^https?:\/\//i.test(text) ? text : undefined;
}

function lost(row: LinkRecord, names: Readonly<Record<string, string>>): string[] {
  return Object.entries(names)
    .filter(([column]) => {
      const value = row.value(column);
      return value !== undefined && value !== false && !/^"?false"?$/i.test(JSON.stringify(value));
    })
    .map(([, name]) => name);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}
