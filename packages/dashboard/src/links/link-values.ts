import type { LinkResponse } from '@headwater/client/api';

export const utmFields = [
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'utm_content',
  'utm_term',
] as const;

type UtmField = (typeof utmFields)[number];

/** What the form holds: texts, where the API knows `null`. */
export interface LinkValues extends Record<UtmField, string> {
  url: string;
  domain: string;
  key: string;
  tags: string[];
  ios_url: string;
  android_url: string;
  external_id: string;
  /** Instant, or empty. */
  expires_at: string;
  note: string;
}

export const emptyLink: LinkValues = {
  url: '',
  domain: '',
  key: '',
  tags: [],
  utm_source: '',
  utm_medium: '',
  utm_campaign: '',
  utm_content: '',
  utm_term: '',
  ios_url: '',
  android_url: '',
  external_id: '',
  expires_at: '',
  note: '',
};

/** A copy has a key and an external id of its own. */
export function valuesOf(link: LinkResponse, isCopy: boolean): LinkValues {
  const note = link.metadata['note'];
  return {
    url: link.url,
    domain: link.domain,
    key: isCopy ? '' : link.key,
    tags: link.tags,
    utm_source: link.utm_source ?? '',
    utm_medium: link.utm_medium ?? '',
    utm_campaign: link.utm_campaign ?? '',
    utm_content: link.utm_content ?? '',
    utm_term: link.utm_term ?? '',
    ios_url: link.ios_url ?? '',
    android_url: link.android_url ?? '',
    external_id: isCopy ? '' : (link.external_id ?? ''),
    expires_at: link.expires_at ?? '',
    note: typeof note === 'string' ? note : '',
  };
}

export function toLinkBody(values: LinkValues, isNew: boolean) {
  const { url, domain, key, tags, note, ...texts } = values;
  const cleared = Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, text.trim() === '' ? null : text.trim()]),
  ) as Record<keyof typeof texts, string | null>;
  return {
    url: url.trim(),
    tags,
    ...cleared,
    metadata: note.trim() === '' ? {} : { note: note.trim() },
    ...(isNew && domain !== '' && { domain }),
    ...(isNew && key.trim() !== '' && { key: key.trim() }),
  };
}
