/** How the address of a step is said, and what of it PostgreSQL can be asked. */

/**
 * A path as paths are compared: without query and fragment, doubled slashes as one, no slash at the end but for the
 * root. Case and percent encoding say something, and stay (reference goodanalytics §7.3).
 */
export function canonicalPath(text: string): string {
  const path = text
    .replace(/[?#].*$/s, '')
    .replaceAll(/\/{2,}/g, '/')
    .replace(/\/$/, '');
  return path === '' ? '/' : path;
}

/** The path of a whole address, as {@link canonicalPath} has it; the same as `pathIn` of `store/page-path.ts`. */
export function addressPath(url: string): string {
  return canonicalPath(url.replace(/[?#].*$/s, '').replace(/^[^/]*:\/\/[^/]*/, ''));
}

/** A text as the pattern of SQL's LIKE that finds just that text. */
function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`);
}

/** A text with `*` for any characters as a pattern of SQL's LIKE. */
export function wildcardToLike(wildcard: string): string {
  return wildcard.split('*').map(escapeLike).join('%');
}

/**
 * Why a regular expression is not taken: it has to mean the same to JavaScript, which checks it here, and to
 * PostgreSQL, which runs it. References back, look-around and POSIX classes are left out: some mean other things
 * there, and some take unbounded time (https://www.postgresql.org/docs/current/functions-matching.html).
 */
export function patternProblem(pattern: string): string | undefined {
  if (!compiles(pattern)) return 'must be a regular expression';
  if (/\(\?(?!:)/.test(pattern)) return 'must not look around or name groups';
  if (/\[[:.=]/.test(pattern)) return 'must not use POSIX classes';
  if (/\\[^dDwWsS^$\\.*+?()[\]{}|/-]/.test(pattern))
    return String.raw`must use no other escapes than \d, \w, \s and those of punctuation`;
  const bounds = [...pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].map(([, least, most]) =>
    Math.max(1, Number(least), Number(most ?? 0)),
  );
  // Bounds inside of bounds multiply what has to be built.
  return bounds.reduce((product, bound) => product * bound, 1) > repeatsMax
    ? `must repeat at most ${repeatsMax} times, all bounds multiplied`
    : undefined;
}

/** PostgreSQL's limit of a bound (DUPMAX). */
const repeatsMax = 255;

function compiles(pattern: string): boolean {
  try {
    // The flag refuses what would otherwise quietly be read as plain characters.
    return new RegExp(pattern, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}
