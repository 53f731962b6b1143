import { ConfigurationError } from '../kernel/errors.ts';
import { decodeParameter } from '../kernel/url.ts';
import type { NamedPerson } from '../visitors/named-identifiers.ts';
import type { IncomingRequest } from './exchange.ts';

/** Who asked, as the host knows. */
export type ApiCaller = NamedPerson & { readonly visitorId?: string };

/** What became of a request. */
export interface ApiAnswer {
  readonly status: number;
  /** How long the answer took. */
  readonly milliseconds?: number;
  /** The caller went before the answer was complete. */
  readonly isAborted?: boolean;
}

export type ApiProperty = string | number | boolean | null;

/**
 * Which requests of the host's own API are recorded, and what of them. The callbacks are given what the framework calls
 * the request, when it has been answered; what they throw is logged and harms nothing.
 */
export interface ApiRequestOptions<Asked = Request> {
  /** `/api` is `/api` and everything below it, and not `/apiary`. */
  readonly paths: readonly string[];
  /** Who asked; `'nobody'`, or an answer of `undefined`, for requests that belong to no person. */
  readonly identify:
    | ((asked: Asked) => ApiCaller | undefined | Promise<ApiCaller | undefined>)
    | 'nobody';
  /** The path to record in place of the one that was asked: `/orders/:id`. @default the one that was asked */
  readonly path?: (asked: Asked) => string | undefined;
  /** More to record: strings, numbers, booleans and `null`. */
  readonly properties?: (
    asked: Asked,
    answer: ApiAnswer,
  ) => Readonly<Record<string, unknown>> | undefined;
  /** Requests that are not recorded. @default none */
  readonly skip?: (asked: Asked, answer: ApiAnswer) => boolean;
  /** The share of the requests that is recorded, above 0 and up to 1. @default 1 */
  readonly sampleRate?: number;
  /** Parameters of the query whose values are recorded too. @default [] */
  readonly keepParameters?: readonly string[];
  /** @default the first workspace */
  readonly workspaceId?: string;
}

const pathCharactersMax = 2_083;
const nameCharactersMax = 255;
const propertiesMax = 50;
const propertyNameCharactersMax = 100;
const propertyCharactersMax = 1_000;
const parametersMax = 50;
const redacted = 'redacted';

/** @throws {ConfigurationError} options that record nothing, or do not say whom. */
export function checkApiRequestOptions(options: ApiRequestOptions<never>): void {
  const { paths, identify, sampleRate = 1 } = options as Partial<ApiRequestOptions>;
  if (!Array.isArray(paths) || paths.length === 0 || !paths.every(isPath))
    throw new ConfigurationError('apiRequests.paths has one path or more, each from its "/" on.');
  if (identify !== 'nobody' && typeof identify !== 'function')
    throw new ConfigurationError("apiRequests.identify is a function, or 'nobody'.");
  if (!(sampleRate > 0 && sampleRate <= 1))
    throw new ConfigurationError('apiRequests.sampleRate is a number above 0 and up to 1.');
}

function isPath(path: unknown): boolean {
  return typeof path === 'string' && path.startsWith('/');
}

/** Whether a path is one of the prefixes or below it, by whole segments. */
export function isBelowAny(path: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => {
    const bare = prefix.replace(/\/+$/, '');
    return path === bare || path.startsWith(`${bare}/`);
  });
}

export function pathOf(target: string): string {
  return target.split(/[?#]/, 1)[0] ?? '';
}

/** A request as its event tells of it: without its body, its headers and the values of its query. */
export interface DescribedApiRequest {
  readonly name: string;
  readonly url: string;
  readonly properties: Readonly<Record<string, ApiProperty>>;
}

export function describeApiRequest(
  request: Pick<IncomingRequest, 'method' | 'target' | 'host' | 'scheme'>,
  answer: ApiAnswer,
  more: {
    readonly path?: string | undefined;
    readonly keepParameters?: readonly string[] | undefined;
    readonly sampleRate?: number | undefined;
    readonly properties?: Readonly<Record<string, unknown>> | undefined;
  },
): DescribedApiRequest {
  const method = clean(request.method, 20).toUpperCase();
  const path = clean(more.path ?? pathOf(request.target), pathCharactersMax);
  const query = redactQuery(request.target, new Set(more.keepParameters));
  const { status, milliseconds, isAborted } = answer;
  const own: Record<string, ApiProperty> = {
    method,
    path: path.slice(0, propertyCharactersMax),
    status,
    ...(milliseconds !== undefined && { milliseconds: Math.round(milliseconds) }),
    ...(isAborted === true && { aborted: true }),
    ...(more.sampleRate !== undefined && { sample_rate: more.sampleRate }),
  };
  return {
    name: clean(`${method} ${path}`, nameCharactersMax),
    url: clean(`${request.scheme}://${request.host}${path}${query}`, pathCharactersMax),
    properties: { ...readProperties(more.properties, Object.keys(own)), ...own },
  };
}

/** What the host adds, as far as there is room; its own names do not replace ours. */
function readProperties(
  given: Readonly<Record<string, unknown>> = {},
  taken: readonly string[],
): Readonly<Record<string, ApiProperty>> {
  const kept: [string, ApiProperty][] = [];
  for (const [name, value] of Object.entries(given)) {
    if (kept.length + taken.length === propertiesMax) break;
    const isScalar = value === null || typeof value === 'boolean' || Number.isFinite(value);
    if (taken.includes(name) || !(isScalar || typeof value === 'string')) continue;
    const scalar =
      typeof value === 'string' ? clean(value, propertyCharactersMax) : (value as ApiProperty);
    kept.push([clean(name, propertyNameCharactersMax), scalar]);
  }
  return Object.fromEntries(kept);
}

/** Queries carry tokens and names of people: only which parameters there were is told. */
function redactQuery(target: string, kept: ReadonlySet<string>): string {
  const question = target.indexOf('?');
  if (question === -1) return '';
  const pairs = target
    .slice(question + 1)
    .split('#', 1)[0]!
    .split('&', parametersMax)
    .flatMap((pair) => {
      const [name = ''] = pair.split('=', 1);
      if (name === '') return [];
      return kept.has(decodeParameter(name)) || name === pair ? [pair] : [`${name}=${redacted}`];
    });
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** Without control characters, which no log should have either, and cut at a character. */
function clean(text: string, charactersMax: number): string {
  return text
    .replaceAll(/\p{Cc}/gu, '')
    .slice(0, charactersMax)
    .toWellFormed();
}
