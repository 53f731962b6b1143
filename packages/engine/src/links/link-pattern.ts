/** A key that stands for many: `docs/*`, `u/:name`. Its captures go into the destination as `{name}` and `{*}`. */
export interface LinkPattern {
  readonly key: string;
  readonly segments: readonly string[];
  /** In the order in which they stand in the key. */
  readonly captures: readonly string[];
}

export type Captures = Readonly<Record<string, string>>;

const segmentsMax = 10;
const capturePattern = /^:([A-Za-z][A-Za-z0-9_]{0,31})$/;
const literalPattern = /^[A-Za-z0-9_-]+$/;
const captureLengthMax = 500;
const placeholder = /\{(\*|[A-Za-z][A-Za-z0-9_]{0,31})\}/g;

/** Whether the text is a key of several segments, of which the last ones may stand for others. */
export function isPathKey(key: string): boolean {
  const segments = key.split('/');
  const [first = ''] = segments;
  if (segments.length < 2 || segments.length > segmentsMax || !literalPattern.test(first))
    return false;
  // `/{key}/qr` is the QR code of a link.
  if (segments.at(-1) === 'qr') return false;
  const names = segments.flatMap((segment) => capturePattern.exec(segment)?.[1] ?? []);
  return (
    new Set(names).size === names.length &&
    segments.every(
      (segment, index) =>
        literalPattern.test(segment) ||
        capturePattern.test(segment) ||
        (segment === '*' && index === segments.length - 1),
    )
  );
}

/** `undefined` for a key that stands for itself only. */
export function readPattern(key: string): LinkPattern | undefined {
  if (!key.includes('/')) return undefined;
  const segments = key.split('/');
  const captures = segments.flatMap((segment) =>
    segment === '*' ? ['*'] : (capturePattern.exec(segment)?.[1] ?? []),
  );
  return captures.length === 0 ? undefined : { key, segments, captures };
}

/** The more a pattern says itself, the earlier it is asked: by letters, then by segments, then by the alphabet. */
export function comparePatterns(left: LinkPattern, right: LinkPattern): number {
  return (
    literalLength(right) - literalLength(left) ||
    right.segments.length - left.segments.length ||
    Number(left.captures.includes('*')) - Number(right.captures.includes('*')) ||
    (left.key < right.key ? -1 : 1)
  );
}

function literalLength({ segments }: LinkPattern): number {
  return segments.reduce(
    (sum, segment) => sum + (literalPattern.test(segment) ? segment.length : 0),
    0,
  );
}

/**
 * What a path captures, decoded; `undefined` where it does not match, and where a capture would leave its place in the
 * destination: `.` and `..` climb (RFC 3986 §5.2.4), also percent-encoded.
 */
export function matchPattern(
  pattern: LinkPattern,
  path: string,
  caseSensitive: boolean,
): Captures | undefined {
  const given = path.split('/');
  const open = pattern.segments.at(-1) === '*';
  if (open ? given.length < pattern.segments.length : given.length !== pattern.segments.length)
    return undefined;
  const captures: Record<string, string> = {};
  for (const [index, segment] of pattern.segments.entries()) {
    if (segment === '*') {
      const rest = given.slice(index).map(decodeSegment);
      if (rest.includes(undefined)) return undefined;
      captures['*'] = rest.join('/');
      return captures;
    }
    const name = capturePattern.exec(segment)?.[1];
    const text = given[index] ?? '';
    if (name === undefined) {
      const isSame = caseSensitive
        ? text === segment
        : text.toLowerCase() === segment.toLowerCase();
      if (!isSame) return undefined;
      continue;
    }
    const value = decodeSegment(text);
    if (value === undefined || value === '') return undefined;
    captures[name] = value;
  }
  return captures;
}

function decodeSegment(text: string): string | undefined {
  if (text.length > captureLengthMax) return undefined;
  try {
    const value = decodeURIComponent(text);
    return value === '.' || value === '..' || !value.isWellFormed() ? undefined : value;
  } catch {
    return undefined;
  }
}

/** The destination with the captures in it. Each is percent-encoded, so that it stays where it stands. */
export function fillCaptures(url: string, captures: Captures): string {
  return url.replace(placeholder, (whole, name: string) => {
    const value = captures[name];
    if (value === undefined) return whole;
    return name === '*'
      ? value.split('/').map(encodeURIComponent).join('/')
      : encodeURIComponent(value);
  });
}

/** What is wrong with the placeholders of a destination, if anything. Without a pattern, braces are only text. */
export function placeholderProblem(url: string, key: string): string | undefined {
  const pattern = readPattern(key);
  if (pattern === undefined) return undefined;
  const names = Array.from(url.matchAll(placeholder), ([, name = '']) => name);
  const unknown = names.find((name) => !pattern.captures.includes(name));
  if (unknown !== undefined) return `names {${unknown}}, which the key does not capture`;
  // What stands before the path decides where the visitor goes: nothing of the request gets there.
  const authority = /^[a-z][a-z0-9+.-]*:(?:\/\/[^/?#]*)?/i.exec(url)?.[0] ?? '';
  if (authority.includes('{')) return 'may hold captures in its path, query and fragment only';
  // `myapp:{name}` has no path that a capture could not leave.
  if (names.length > 0 && !/^[a-z][a-z0-9+.-]*:\/\/[^/?#]/i.test(url))
    return 'needs a host to hold captures';
  return undefined;
}
