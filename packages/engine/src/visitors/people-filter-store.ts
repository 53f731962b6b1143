import { sql } from 'kysely';
import type { Expression, ExpressionBuilder, RawBuilder, SqlBool } from 'kysely';

import type { Page } from '../kernel/page.ts';
import type { Db } from '../store/database.ts';
import type { Tables } from '../store/tables.ts';
import { visitorStatuses } from './visitor.ts';
import type { VisitorStatus } from './visitor.ts';

/** Which people; what is absent does not matter. */
export interface PeopleFilter {
  readonly status?: VisitorStatus | undefined;
  /** Seen at this time or later. */
  readonly seenSince?: Date | undefined;
  /** Of the latest visit on one of their devices: ISO 3166-1 alpha-2. */
  readonly country?: string | undefined;
  /** They have come this way at least once. */
  readonly channel?: string | undefined;
}

type OfRoot = ExpressionBuilder<Tables, 'visitor'>;
type OfMember = ExpressionBuilder<Tables & { member: Tables['visitor'] }, 'visitor' | 'member'>;

/** What a root has to meet. A person is whatever one of their visitors is, and has done what one of them has. */
export function meetsFilter(eb: OfRoot, filter: PeopleFilter): Expression<SqlBool> {
  const { status, seenSince, country, channel } = filter;
  return eb.and([
    ...(status === undefined ? [] : [hasStatus(eb, status)]),
    ...(seenSince === undefined
      ? []
      : [hasMember(eb, (member) => member('member.last_seen_at', '>=', seenSince))]),
    ...(country === undefined ? [] : [hasMember(eb, (member) => visitedFrom(member, country))]),
    ...(channel === undefined ? [] : [hasMember(eb, (member) => cameBy(member, channel))]),
  ]);
}

/** A person is the furthest that one of their visitors has come. */
function hasStatus(eb: OfRoot, status: VisitorStatus): Expression<SqlBool> {
  const further = visitorStatuses.slice(visitorStatuses.indexOf(status) + 1);
  return eb.and([
    hasMember(eb, (member) => member('member.status', '=', status)),
    ...(further.length === 0
      ? []
      : [eb.not(hasMember(eb, (member) => member('member.status', 'in', further)))]),
  ]);
}

function visitedFrom(eb: OfMember, country: string): Expression<SqlBool> {
  return eb.exists(
    eb
      .selectFrom('session')
      .select('session.id')
      .whereRef('session.workspace_id', '=', 'member.workspace_id')
      .whereRef('session.id', '=', 'member.session_id')
      .where('session.country_code', '=', country),
  );
}

function cameBy(eb: OfMember, channel: string): Expression<SqlBool> {
  return eb.exists(
    eb
      .selectFrom('touch')
      .select('touch.id')
      .whereRef('touch.workspace_id', '=', 'member.workspace_id')
      .whereRef('touch.visitor_id', '=', 'member.id')
      .where('touch.channel', '=', channel),
  );
}

/** Whether one of the visitors of a root is like that: itself, or by the index of those that were joined to it. */
function hasMember(
  eb: OfRoot,
  isMeant: (member: OfMember) => Expression<SqlBool>,
): Expression<SqlBool> {
  return eb.exists(
    eb
      .selectFrom('visitor as member')
      .select('member.id')
      .whereRef('member.workspace_id', '=', 'visitor.workspace_id')
      .where((member) =>
        member.or([
          member('member.id', '=', member.ref('visitor.id')),
          member.and([
            member('member.root_id', '=', member.ref('visitor.id')),
            member('member.root_id', '<>', member.ref('member.id')),
          ]),
        ]),
      )
      .where((member) => isMeant(member as unknown as OfMember)),
  );
}

/**
 * The roots of those who meet a filter, newest first, by one pass over all visitors: what a rare answer takes, and the
 * same however rare it is. A planner takes `root_id = id` for a rarity, so nothing here begins with it.
 */
export async function selectRootsOfAll(
  db: Db,
  workspaceId: string,
  { filter, before, limit, offset }: Page<string> & { readonly filter: PeopleFilter },
): Promise<string[]> {
  const { status, seenSince, country, channel } = filter;
  const has = (isMeant: RawBuilder<unknown>): RawBuilder<boolean> =>
    sql<boolean>`bool_or(${isMeant})`;
  const further = visitorStatuses.slice(visitorStatuses.indexOf(status ?? 'anonymous') + 1);
  const conditions = [
    has(sql`member.id = member.root_id and member.erased_at is null`),
    ...(status === undefined
      ? []
      : [
          has(sql`member.status = ${status}`),
          sql<boolean>`not ${has(sql`member.status = any(${[...further]}::text[])`)}`,
        ]),
    ...(seenSince === undefined ? [] : [has(sql`member.last_seen_at >= ${seenSince}`)]),
    ...(country === undefined ? [] : [has(sql`visit.id is not null`)]),
    ...(channel === undefined ? [] : [has(sql`arrival.visitor_id is not null`)]),
  ];
  const rows = await db
    .selectFrom('visitor as member')
    .$if(country !== undefined, (query) =>
      query.leftJoin('session as visit', (join) =>
        join
          .onRef('visit.workspace_id', '=', 'member.workspace_id')
          .onRef('visit.id', '=', 'member.session_id')
          .on('visit.country_code', '=', country!),
      ),
    )
    .$if(channel !== undefined, (query) =>
      query.leftJoin(
        (eb) =>
          eb
            .selectFrom('touch')
            .select(['workspace_id', 'visitor_id'])
            .distinct()
            .where('workspace_id', '=', workspaceId)
            .where('channel', '=', channel!)
            .as('arrival'),
        (join) =>
          join
            .onRef('arrival.workspace_id', '=', 'member.workspace_id')
            .onRef('arrival.visitor_id', '=', 'member.id'),
      ),
    )
    .select('member.root_id')
    .where('member.workspace_id', '=', workspaceId)
    .$if(before !== undefined, (query) => query.where('member.root_id', '<', before!))
    .groupBy('member.root_id')
    .having((eb) => eb.and(conditions))
    .orderBy('member.root_id', 'desc')
    .limit(limit)
    .offset(offset)
    .execute();
  return rows.map((row) => row.root_id);
}
