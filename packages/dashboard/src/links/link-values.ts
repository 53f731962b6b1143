import type { LinkResponse, UtmTemplateResponse } from '@headwater/client/api';
import { randomId } from '@mantine/hooks';

import { routingValuesOf, toRouting } from '../routing/routing-values.ts';
import type { RoutingValues } from '../routing/routing-values.ts';

export const utmFields = [
  'utm_source',
  'utm_medium',
  'utm_campaign',
  'utm_content',
  'utm_term',
] as const;

type UtmField = (typeof utmFields)[number];

/** The fields that are one text, which is absent where it is empty. */
const textFields = [
  ...utmFields,
  'ios_url',
  'android_url',
  'external_id',
  'expires_at',
  'folder_id',
  'fallback_url',
  'og_title',
  'og_description',
  'og_image',
  'notes',
] as const;

type TextField = (typeof textFields)[number];

/** What the form holds: texts, where the API knows `null`. */
export interface LinkValues extends Record<TextField, string> {
  url: string;
  domain: string;
  key: string;
  tags: string[];
  health_check: boolean;
  /** Destinations by country. */
  countries: { id: string; country: string; url: string }[];
  routing: RoutingValues;
  /** A new one; what a link has is never read back. */
  password: string;
  removesPassword: boolean;
}

export function emptyLink(template: UtmTemplateResponse | undefined): LinkValues {
  const none = Object.fromEntries(textFields.map((name) => [name, ''])) as Record<
    TextField,
    string
  >;
  return {
    ...none,
    ...(template !== undefined && templateValues(template)),
    url: '',
    domain: '',
    key: '',
    tags: [],
    health_check: false,
    countries: [],
    routing: routingValuesOf(null),
    password: '',
    removesPassword: false,
  };
}

/** A copy has a key and an external id of its own, and no password. */
export function valuesOf(link: LinkResponse, isCopy: boolean): LinkValues {
  const texts = Object.fromEntries(textFields.map((name) => [name, link[name] ?? '']));
  return {
    ...(texts as Record<TextField, string>),
    notes: link.notes ?? oldNote(link) ?? '',
    external_id: isCopy ? '' : (link.external_id ?? ''),
    url: link.url,
    domain: link.domain,
    key: isCopy ? '' : link.key,
    tags: link.tags,
    health_check: link.health_check,
    countries: Object.entries(link.geo_targeting).map(([country, url]) => ({
      id: randomId(),
      country,
      url: String(url),
    })),
    routing: routingValuesOf(link.routing),
    password: '',
    removesPassword: false,
  };
}

/** What a template says of each parameter. */
export function templateValues(template: UtmTemplateResponse): Record<UtmField, string> {
  return Object.fromEntries(utmFields.map((name) => [name, template[name] ?? ''])) as Record<
    UtmField,
    string
  >;
}

/** What the API is told: of a new link, or of a change of `link`. */
export function toLinkBody(values: LinkValues, link: LinkResponse | undefined) {
  const { url, domain, key, tags, health_check, countries, password } = values;
  const texts = Object.fromEntries(
    textFields.map((name) => [name, values[name].trim() === '' ? null : values[name].trim()]),
  ) as Record<TextField, string | null>;
  const chosen = countries.filter(({ country }) => country !== '');
  return {
    ...texts,
    url: url.trim(),
    tags,
    health_check,
    geo_targeting: Object.fromEntries(chosen.map((row) => [row.country, row.url.trim()])),
    routing: toRouting(values.routing),
    ...(password !== '' && { password }),
    ...(values.removesPassword && { password: null }),
    ...(link === undefined
      ? {
          // The form shows what the template says: nothing is to be filled in behind it.
          utm_template_id: null,
          ...(domain !== '' && { domain }),
          ...(key.trim() !== '' && { key: key.trim() }),
        }
      : withoutOldNote(link)),
  };
}

/**
 * What differs from how the form began: the rest may have been changed by somebody else meanwhile. The metadata goes along
 * with the notes that are moved out of it.
 */
export function changedOnly(
  body: ReturnType<typeof toLinkBody>,
  before: ReturnType<typeof toLinkBody>,
): Partial<ReturnType<typeof toLinkBody>> {
  const differs = (name: string): boolean =>
    JSON.stringify(body[name as keyof typeof body]) !==
    JSON.stringify(before[name as keyof typeof body]);
  return Object.fromEntries(
    Object.entries(body).filter(([name]) => differs(name === 'metadata' ? 'notes' : name)),
  );
}

/** Notes have a field of their own; those that stand in the metadata move there when the link is saved. */
function oldNote(link: LinkResponse): string | undefined {
  const note = link.metadata['note'];
  return typeof note === 'string' ? note : undefined;
}

function withoutOldNote(link: LinkResponse): { metadata?: Record<string, unknown> } {
  if (oldNote(link) === undefined) return {};
  const others = Object.entries(link.metadata).filter(([name]) => name !== 'note');
  return { metadata: Object.fromEntries(others) };
}
