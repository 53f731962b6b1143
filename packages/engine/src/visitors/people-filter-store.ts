import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';

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
