import { hostOf, schemeOf } from '../kernel/url.ts';
import { refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';

export interface AccessLogOptions {
  /** Scheme and host of the pages. @default what the lines name, else what their referrers show */
  readonly site?: string;
  /** Only requests from this time on. */
  readonly since?: Date;
  /** Only requests before this time. */
  readonly until?: Date;
  /** The first line to import; those before are read, but not looked at. @default 1 */
  readonly fromLine?: number;
  /** Reads and counts, and writes nothing. @default false */
  readonly dryRun?: boolean;
  /** Ends the import between two lines; the report says where to go on. */
  readonly signal?: AbortSignal;
  /** Called about once for every 64 KiB. */
  readonly onProgress?: (progress: AccessLogProgress) => void;
}

export interface AccessLogProgress {
  readonly lines: number;
  readonly imported: number;
  readonly alreadyThere: number;
}

/** Messages by option. */
export function checkAccessLogOptions(options: AccessLogOptions): ValidationRefusal | undefined {
  const { site, since, until, fromLine } = options;
  const errors: Record<string, string[]> = {};
  if (site !== undefined && originOf(site) === undefined)
    errors['site'] = ['must be scheme and host of a site, for example https://example.com'];
  if (since !== undefined && Number.isNaN(since.getTime())) errors['since'] = ['must be a time'];
  if (until !== undefined && Number.isNaN(until.getTime())) errors['until'] = ['must be a time'];
  if (since !== undefined && until !== undefined && since >= until)
    errors['until'] = ['must be later than since'];
  if (fromLine !== undefined && !(Number.isSafeInteger(fromLine) && fromLine >= 1))
    errors['fromLine'] = ['must be a whole number from 1'];
  return Object.keys(errors).length === 0 ? undefined : refuseFields(errors);
}

/** Scheme and host of a site, in the form in which hosts are compared; `undefined` for anything else. */
export function originOf(site: string): string | undefined {
  const scheme = schemeOf(site);
  const host = hostOf(site);
  const isSite = (scheme === 'http' || scheme === 'https') && /^[^/]*\/\/[^/?#]+\/?$/.test(site);
  return isSite && host !== undefined ? `${scheme}://${host}` : undefined;
}
