import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';

/** An address without what follows its path. */
export const withoutQuery = (url: RawBuilder<unknown>): RawBuilder<string> =>
  sql`split_part(split_part(${url}, '#', 1), '?', 1)`;

/** The path of an address as paths are compared: the same as `canonicalPath`. */
export const pathIn = (url: RawBuilder<unknown>): RawBuilder<string> =>
  sql`regexp_replace(rtrim(regexp_replace(regexp_replace(${withoutQuery(url)}, '^[^/]*://[^/]*', ''), '/{2,}', '/', 'g'), '/'), '^$', '/')`;
