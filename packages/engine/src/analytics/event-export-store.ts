import type { TimeCursor } from '../kernel/page.ts';
import type { Reading } from './activity-store.ts';
import type { ReportWindow } from './report-window.ts';

/** Events with the person that each is stamped with now, in the order of (time, id); after a cursor, what comes next. */
export function selectEventPage(
  { db, workspaceId }: Reading,
  { from, to }: ReportWindow,
  after: TimeCursor | undefined,
  limit: number,
) {
  return db
    .selectFrom('event')
    .leftJoin('visitor', (join) =>
      join
        .onRef('visitor.workspace_id', '=', 'event.workspace_id')
        .onRef('visitor.id', '=', 'event.visitor_id'),
    )
    .selectAll('event')
    .select('visitor.root_id as person_id')
    .where('event.workspace_id', '=', workspaceId)
    .where('event.occurred_at', '>=', new Date(from))
    .where('event.occurred_at', '<', new Date(to))
    .$if(after !== undefined, (query) =>
      query.where((eb) =>
        eb(eb.refTuple('event.occurred_at', 'event.id'), '>', eb.tuple(after!.at, after!.id)),
      ),
    )
    .orderBy('event.occurred_at')
    .orderBy('event.id')
    .limit(limit)
    .execute();
}
