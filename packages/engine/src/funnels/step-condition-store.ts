import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';

import { pathIn, withoutQuery } from '../store/page-path.ts';
import type { CheckedDefinition, StepFilter, UrlFilter } from './funnel.ts';
import { asksForViews, namedFields } from './funnel.ts';
import { wildcardToLike } from './url-pattern.ts';
import { dimensionValue } from './visit-dimension-store.ts';

type Step = CheckedDefinition['steps'][number];

/**
 * Whether the event `e` is what a step asks for. What somebody saw elsewhere and did not follow is no activity, so a step
 * finds it only where it names it. Needs the joins of {@link stepDimensions}.
 */
export function stepCondition({ combine, filters }: Step): RawBuilder<boolean> {
  const word = combine === 'any' ? sql` or ` : sql` and `;
  const asked = sql<boolean>`(${sql.join(filters.map(filterCondition), word)})`;
  return asksForViews(filters) ? asked : sql<boolean>`(e.type <> 'impression' and ${asked})`;
}

function filterCondition(filter: StepFilter): RawBuilder<unknown> {
  switch (filter.kind) {
    case 'event': {
      // From a closed list, and in the text: the planner knows how rare each type is.
      const type = sql`e.type = ${sql.lit(filter.type)}`;
      return filter.name === undefined ? type : sql`(${type} and e.name = ${filter.name})`;
    }
    case 'url':
      return urlCondition(filter);
    case 'property': {
      const { key, op, value, values } = filter;
      const property = sql`(e.properties ->> ${key}::text)`;
      return op === 'in' ? sql`${property} = any(${texts(values)})` : sql`${property} = ${value}`;
    }
    case 'source':
      return sql`(${sql.join(
        namedFields(filter).map((field) => sql`${dimensionValue(field)} = ${filter[field]}`),
        sql` and `,
      )})`;
    case 'link':
      break;
  }
  return sql`e.link_id = any(${sql`array[${sql.join(filter.ids)}]::uuid[]`})`;
}

function urlCondition({ scope, match, value = '', values }: UrlFilter): RawBuilder<unknown> {
  const text = scope === 'host' ? host : scope === 'full_url' ? sql`e.url` : path;
  switch (match) {
    case 'in':
      return sql`${text} = any(${texts(values)})`;
    case 'regex':
      return sql`${text} ~ ${value}`;
    case 'starts_with':
      return sql`(${holds(scope, [value])} and starts_with(${text}, ${value}))`;
    case 'wildcard':
      return sql`(${holds(scope, value.split('*'))} and ${text} like ${wildcardToLike(value)})`;
    case 'equals':
    case undefined:
      break;
  }
  if (scope === 'path' && value === '/') return isRoot;
  return sql`(${holds(scope, [value])} and ${text} = ${value})`;
}

/**
 * Whether the address holds the longest part of what is looked for: cheap, and for most events the answer. The slashes
 * of a path may be doubled there, and the case of a host may differ.
 */
function holds(scope: UrlFilter['scope'], parts: readonly string[]): RawBuilder<unknown> {
  if (scope === 'host') return sql`e.url is not null`;
  const pieces = scope === 'path' ? parts.flatMap((part) => part.split('/')) : parts;
  const [longest = ''] = pieces.toSorted((left, right) => right.length - left.length);
  return longest === '' ? sql`e.url is not null` : sql`strpos(e.url, ${longest}) > 0`;
}

const page = withoutQuery(sql`e.url`);
const path = pathIn(sql`e.url`);

/** Nothing follows the host. Addresses of other schemes, and those with a doubled slash, go the longer way. */
const isRoot = sql`(left(split_part(split_part(e.url, '?', 1), '/', 4), 1) in ('', '#') and case
  when (starts_with(e.url, 'https://') or starts_with(e.url, 'http://')) and strpos(substr(e.url, 9), '//') = 0 then true
  else ${path} = '/' end)`;

/** In lower case, without the port that the scheme has anyway. */
const host = sql`case when ${page} ~ '^[A-Za-z][^/]*://' then regexp_replace(lower(split_part(${page}, '/', 3)), ':(80|443)$', '') end`;

function texts(values: readonly string[] = []): RawBuilder<unknown> {
  return sql`array[${sql.join(values)}]::text[]`;
}
