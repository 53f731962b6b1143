import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';

import type { Page, TimeCursor } from '../kernel/page.ts';
import type { Db } from '../store/database.ts';
import { pathIn } from '../store/page-path.ts';
import type { ReportWindow } from './report-window.ts';

/** By what events are told apart; `null` among the values stands for none. */
export interface EventFilter {
  readonly field: 'type' | 'name' | 'path' | 'source' | 'campaign' | 'clickId';
  readonly values: ReadonlyArray<string | null>;
  readonly excludes: boolean;
}

export interface EventQuestion extends ReportWindow, Page<TimeCursor> {
  readonly filters: readonly EventFilter[];
  /** The visitors of one person. */
  readonly visitorIds: readonly string[] | undefined;
  readonly search: string | undefined;
}

const columns: Readonly<Record<EventFilter['field'], RawBuilder<unknown>>> = {
  type: sql`event.type`,
  name: sql`event.name`,
  path: pathIn(sql`event.url`),
  source: sql`touch.source`,
  campaign: sql`touch.campaign`,
  clickId: sql`touch.click_id_type`,
};

/** Events with their person and where they came from, newest first. */
export function selectEvents(db: Db, workspaceId: string, question: EventQuestion) {
  const { from, to, before, filters, visitorIds, search, limit, offset } = question;
  return db
    .selectFrom('event')
    .leftJoin('visitor', (join) =>
      join
        .onRef('visitor.workspace_id', '=', 'event.workspace_id')
        .onRef('visitor.id', '=', 'event.visitor_id'),
    )
    .leftJoin('touch', (join) =>
      join
        .onRef('touch.workspace_id', '=', 'event.workspace_id')
        .onRef('touch.id', '=', 'event.touch_id'),
    )
    .selectAll('event')
    .select([
      'visitor.root_id as person_id',
      'touch.source',
      'touch.medium',
      'touch.campaign',
      'touch.channel',
      'touch.click_id_type',
    ])
    .where('event.workspace_id', '=', workspaceId)
    .where('event.occurred_at', '>=', new Date(from))
    .where('event.occurred_at', '<', new Date(to))
    .$if(visitorIds !== undefined, (query) =>
      query.where(sql<boolean>`event.visitor_id = any(${visitorIds}::uuid[])`),
    )
    .$if(search !== undefined, (query) => {
      const pattern = `%${search!.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
      return query.where(sql<boolean>`(event.name ilike ${pattern} or event.url ilike ${pattern})`);
    })
    .$if(before !== undefined, (query) =>
      query.where((eb) =>
        eb(eb.refTuple('event.occurred_at', 'event.id'), '<', eb.tuple(before!.at, before!.id)),
      ),
    )
    .where((eb) => eb.and(filters.map(condition)))
    .orderBy('event.occurred_at', 'desc')
    .orderBy('event.id', 'desc')
    .limit(limit)
    .offset(offset)
    .execute();
}

function condition({ field, values, excludes }: EventFilter): RawBuilder<boolean> {
  const texts = values.filter((value) => value !== null);
  const column = columns[field];
  const isText = sql<boolean>`${column} = any(${texts}::text[])`;
  // As it is, so that the planner knows how rare it is, and may begin with the touches that have it.
  if (!excludes && texts.length === values.length) return isText;
  const hasText = sql`coalesce(${isText}, false)`;
  const isOne = values.includes(null) ? sql`(${hasText} or ${column} is null)` : hasText;
  return excludes ? sql<boolean>`not ${isOne}` : sql<boolean>`${isOne}`;
}
