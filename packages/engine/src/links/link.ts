import { isUuid } from '../kernel/id.ts';
import { isCountryCode } from '../places/country.ts';
import { destinationProblem, hasControlCharacter } from './link-url.ts';
import type { DestinationRules } from './link-url.ts';

export const linkTypes = ['short', 'referral', 'campaign'] as const;
export type LinkType = (typeof linkTypes)[number];

/** What can be changed about a link. `null` is an empty field. */
export interface LinkFields {
  readonly url: string;
  readonly linkType: LinkType;
  readonly partnerId: string | null;
  readonly utmSource: string | null;
  readonly utmMedium: string | null;
  readonly utmCampaign: string | null;
  readonly utmContent: string | null;
  readonly utmTerm: string | null;
  readonly iosUrl: string | null;
  readonly androidUrl: string | null;
  /** Destinations by country (ISO 3166-1 alpha-2, upper case). */
  readonly geoTargeting: Readonly<Record<string, string>>;
  readonly ogTitle: string | null;
  readonly ogDescription: string | null;
  readonly ogImage: string | null;
  readonly tags: readonly string[];
  readonly externalId: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** From this moment on the link answers 410. */
  readonly expiresAt: Date | null;
  readonly folderId: string | null;
  /** For the people who manage the link. */
  readonly notes: string | null;
  /** Where the link leads while its destination is down. */
  readonly fallbackUrl: string | null;
  /** Whether the destination is looked at regularly. */
  readonly healthCheck: boolean;
}

/** A short link. Its domain and key never change. */
export interface Link extends LinkFields {
  readonly workspaceId: string;
  readonly id: string;
  /** Lower case, ASCII, with the port where it is not the scheme's. */
  readonly domain: string;
  readonly key: string;
  /** Whether another key that differs in case alone is another link. All live links of a domain agree. */
  readonly caseSensitive: boolean;
  /** An archived link answers 404, and its domain and key are free for another. */
  readonly archivedAt: Date | null;
  /** Whether the last checks of its destination failed. */
  readonly isDown: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Fields to change: what is absent stays, `null` empties. */
export type LinkChanges = {
  readonly [Field in keyof LinkFields]?: LinkFields[Field] | null | undefined;
};

export type FieldErrors = Record<string, string[]>;

/** A new link has these where nothing else is said. */
export const emptyLink: LinkFields = {
  url: '',
  linkType: 'short',
  partnerId: null,
  utmSource: null,
  utmMedium: null,
  utmCampaign: null,
  utmContent: null,
  utmTerm: null,
  iosUrl: null,
  androidUrl: null,
  geoTargeting: {},
  ogTitle: null,
  ogDescription: null,
  ogImage: null,
  tags: [],
  externalId: null,
  metadata: {},
  expiresAt: null,
  folderId: null,
  notes: null,
  fallbackUrl: null,
  healthCheck: false,
};

const textLimits = {
  utmSource: 255,
  utmMedium: 255,
  utmCampaign: 255,
  utmContent: 255,
  utmTerm: 255,
  ogTitle: 300,
  ogDescription: 1_000,
  externalId: 255,
  notes: 10_000,
} as const satisfies Partial<Record<keyof LinkFields, number>>;

const tagsMax = 50;
const tagLengthMax = 100;
const metadataLengthMax = 16_384;
const metadataDepthMax = 16;

/** The fields after the changes, and what is wrong with them by field. Values may be of any type. */
export function changeLink(
  before: LinkFields,
  changes: LinkChanges,
  rules: DestinationRules,
): { readonly fields: LinkFields; readonly errors: FieldErrors } {
  const given = Object.fromEntries(
    Object.keys(emptyLink).flatMap((field) => {
      const value: unknown = changes[field as keyof LinkFields];
      return value === undefined ? [] : [[field, value ?? emptyLink[field as keyof LinkFields]]];
    }),
  ) as Partial<Record<keyof LinkFields, unknown>>;

  const errors: FieldErrors = {};
  const report = (field: string, problem: string | undefined): void => {
    if (problem !== undefined) (errors[field] ??= []).push(problem);
  };
  const fields: Record<string, unknown> = { ...before, ...given };

  if (given.url !== undefined || before.url === '')
    report('url', destinationProblem(fields['url'], rules));
  for (const field of ['iosUrl', 'androidUrl', 'ogImage', 'fallbackUrl'] as const) {
    const value = given[field];
    if (value !== undefined && value !== null) {
      report(
        field,
        destinationProblem(value, field === 'ogImage' ? { ...rules, appSchemes: [] } : rules),
      );
    }
  }
  for (const [field, lengthMax] of Object.entries(textLimits)) {
    const value = given[field as keyof typeof textLimits];
    if (value !== undefined && value !== null)
      report(field, textProblem(field === 'notes' ? withoutBreaks(value) : value, lengthMax));
  }
  if (given.linkType !== undefined && !linkTypes.includes(given.linkType as LinkType)) {
    report('linkType', `must be one of ${linkTypes.join(', ')}`);
  }
  if (given.geoTargeting !== undefined) {
    const targets = readGeoTargeting(given.geoTargeting, rules);
    report('geoTargeting', targets.problem);
    fields['geoTargeting'] = targets.value;
  }
  if (given.tags !== undefined) {
    report('tags', tagsProblem(given.tags));
    if (Array.isArray(given.tags)) fields['tags'] = [...new Set(given.tags)];
  }
  if (given.metadata !== undefined) report('metadata', metadataProblem(given.metadata));
  if (given.expiresAt !== undefined && given.expiresAt !== null)
    report('expiresAt', dateProblem(given.expiresAt));
  if (given.folderId !== undefined && given.folderId !== null && !isUuid(given.folderId))
    report('folderId', 'must be a UUID');
  if (given.healthCheck !== undefined && typeof given.healthCheck !== 'boolean')
    report('healthCheck', 'must be true or false');
  if (fields['healthCheck'] === true && !/^https?:/i.test(String(fields['url'])))
    report('healthCheck', 'needs a destination with http or https');
  changePartner(fields, given, report);

  return { fields: fields as unknown as LinkFields, errors };
}

/** A referral link has a partner, the others have none; changing the type lets go of the partner. */
function changePartner(
  fields: Record<string, unknown>,
  given: Partial<Record<keyof LinkFields, unknown>>,
  report: (field: string, problem: string) => void,
): void {
  const partnerId = fields['partnerId'];
  if (fields['linkType'] === 'referral') {
    // A referral link from before partners were required can still be edited.
    const changes = given.linkType !== undefined || given.partnerId !== undefined;
    if (partnerId === null && changes) report('partnerId', 'is required for referral links');
  } else if (given.partnerId === undefined) {
    fields['partnerId'] = null;
  } else if (partnerId !== null) {
    report('partnerId', 'can only be set on referral links');
  }
  if (given.partnerId !== undefined && given.partnerId !== null && !isUuid(given.partnerId)) {
    report('partnerId', 'must be a UUID');
  }
}

/** Notes are the one text with lines. */
function withoutBreaks(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll(/[\n\r\t]/g, ' ') : value;
}

function textProblem(value: unknown, lengthMax: number): string | undefined {
  if (typeof value !== 'string') return 'must be a string';
  if (value === '') return 'must not be empty; null clears it';
  if (value.length > lengthMax) return `must have at most ${lengthMax} characters`;
  if (hasControlCharacter(value) || !value.isWellFormed())
    return 'must not contain control characters';
  return undefined;
}

/** What is wrong with one tag, if anything. */
export function tagProblem(tag: unknown): string | undefined {
  return textProblem(tag, tagLengthMax);
}

function tagsProblem(value: unknown): string | undefined {
  if (!Array.isArray(value)) return 'must be a list of strings';
  if (value.length > tagsMax) return `must have at most ${tagsMax} tags`;
  for (const tag of value as unknown[]) {
    const problem = tagProblem(tag);
    if (problem !== undefined) return `each tag ${problem}`;
  }
  return undefined;
}

function readGeoTargeting(
  value: unknown,
  rules: DestinationRules,
): { readonly value: Readonly<Record<string, string>>; readonly problem?: string } {
  if (!isRecord(value)) return { value: {}, problem: 'must be destinations by country' };
  const targets: Record<string, string> = {};
  for (const [code, url] of Object.entries(value)) {
    const country = code.toUpperCase();
    if (!isCountryCode(country))
      return { value: {}, problem: `${describeCode(code)} is not a two-letter country code` };
    if (Object.hasOwn(targets, country)) return { value: {}, problem: `${country} appears twice` };
    const problem = destinationProblem(url, rules);
    if (problem !== undefined)
      return { value: {}, problem: `the destination for ${country} ${problem}` };
    targets[country] = url as string;
  }
  return { value: targets };
}

/** The code as it was given, with the right one for the mistake that everybody makes. */
function describeCode(code: string): string {
  return code.toUpperCase() === 'UK' ? '"UK" (ISO 3166-1 has GB)' : `"${code.slice(0, 20)}"`;
}

/** What is wrong with metadata that somebody wants to keep with a thing. */
export function metadataProblem(value: unknown): string | undefined {
  if (!isRecord(value)) return 'must be an object';
  try {
    if (JSON.stringify(value).length > metadataLengthMax)
      return `must have at most ${metadataLengthMax} characters as JSON`;
  } catch {
    return 'must contain JSON values only';
  }
  return jsonProblem(value, 0);
}

function jsonProblem(value: unknown, depth: number): string | undefined {
  if (depth > metadataDepthMax) return `must be nested at most ${metadataDepthMax} levels deep`;
  if (value === null || value === undefined || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') {
    return Number.isFinite(value) ? undefined : 'must contain finite numbers only';
  }
  if (typeof value === 'string') {
    // PostgreSQL stores neither NUL nor half a surrogate pair.
    const isStorable = value.isWellFormed() && !value.includes('\0');
    return isStorable ? undefined : 'must not contain NUL or broken characters';
  }
  if (typeof value !== 'object') return 'must contain JSON values only';
  for (const [key, entry] of Object.entries(value)) {
    const problem = jsonProblem(key, depth) ?? jsonProblem(entry, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function dateProblem(value: unknown): string | undefined {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) return 'must be a valid date';
  const year = value.getUTCFullYear();
  return year < 1970 || year > 9999 ? 'must be between 1970 and 9999' : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
