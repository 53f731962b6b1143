/** What JSON from outside may be, so that it can be stored and walked without fear. */
const jsonDepthMax = 32;

/**
 * The first thing in a parsed JSON value that cannot be kept: PostgreSQL stores neither NUL nor half a surrogate
 * pair (https://www.postgresql.org/docs/current/datatype-json.html), and depth costs stack in whatever walks it.
 */
export function findJsonProblem(
  value: unknown,
  depthMax = jsonDepthMax,
): { readonly path: readonly (string | number)[]; readonly message: string } | undefined {
  const path: (string | number)[] = [];

  function visit(entry: unknown): string | undefined {
    if (typeof entry === 'string') return textProblem(entry);
    if (typeof entry === 'number')
      return Number.isFinite(entry) ? undefined : 'must be a finite number';
    if (entry === null || entry === undefined || typeof entry === 'boolean') return undefined;
    if (typeof entry !== 'object') return 'must be a value of JSON';
    if (entry instanceof Date) return Number.isNaN(entry.getTime()) ? 'must be a time' : undefined;
    if (path.length >= depthMax) return `must not be nested deeper than ${depthMax} levels`;
    return Array.isArray(entry) ? visitItems(entry) : visitFields(entry as Fields);
  }

  function visitItems(items: readonly unknown[]): string | undefined {
    for (const [index, item] of items.entries()) {
      path.push(index);
      const problem = visit(item);
      if (problem !== undefined) return problem;
      path.pop();
    }
    return undefined;
  }

  function visitFields(fields: Fields): string | undefined {
    for (const key of Object.keys(fields)) {
      path.push(key);
      const problem = keyProblem(key) ?? visit(fields[key]);
      if (problem !== undefined) return problem;
      path.pop();
    }
    return undefined;
  }

  const message = visit(value);
  return message === undefined ? undefined : { path, message };
}

type Fields = Readonly<Record<string, unknown>>;

/** Why a text cannot be kept. */
export function textProblem(text: string): string | undefined {
  if (text.includes('\0')) return 'must not contain NUL characters';
  return text.isWellFormed() ? undefined : 'must not contain broken Unicode';
}

function keyProblem(key: string): string | undefined {
  if (key === '__proto__') return 'is not a name that a field can have';
  const problem = textProblem(key);
  return problem === undefined ? undefined : `${problem} in its name`;
}

/** `events[3].properties.price` */
export function fieldName(path: readonly (string | number)[]): string {
  const parts = path.length > 10 ? [...path.slice(0, 10), '…'] : path;
  return parts.reduce<string>((name, part) => {
    if (typeof part === 'number') return `${name}[${part}]`;
    return name === '' ? shorten(part) : `${name}.${shorten(part)}`;
  }, '');
}

/** Field names come from the caller and go back to the caller: only their beginning, and nothing invisible. */
function shorten(name: string): string {
  return name.slice(0, 64).replace(/\p{Control}|\p{Surrogate}/gu, '?');
}
