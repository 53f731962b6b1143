import type * as z from 'zod';

const wordOf: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/**
 * The rule that a value breaks, to be read after the name of its field: given to `safeParse` for where a schema has no
 * words of its own. Nothing of the value is in it.
 */
export function issueMessage(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'is required'
        : `must be ${wordOf[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return issue.input === undefined
        ? 'is required'
        : `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`;
    case 'too_small':
      return bound(issue.origin, `at least ${issue.minimum}`, {
        ofNumbers: issue.inclusive === false ? `more than ${issue.minimum}` : undefined,
      });
    case 'too_big':
      return bound(issue.origin, `at most ${issue.maximum}`, {
        ofNumbers: issue.inclusive === false ? `less than ${issue.maximum}` : undefined,
      });
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_union':
      return issue.input === undefined ? 'is required' : 'has none of the forms that it may have';
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    case 'unrecognized_keys':
      return 'is invalid';
    default:
      return issue satisfies never;
  }
}

function bound(
  origin: string,
  limit: string,
  { ofNumbers = limit }: { readonly ofNumbers: string | undefined },
): string {
  if (origin === 'string') return `must have ${limit} characters`;
  return origin === 'array' || origin === 'set'
    ? `must have ${limit} entries`
    : `must be ${ofNumbers}`;
}
