import type { Context } from '../../packages/engine/src/context.ts';
import { sessionTotals } from '../../packages/engine/src/sessions/session-totals.ts';
import type { People } from './people.ts';

/**
 * Everything that follows from the events of a workspace, without the ids that only one of two workspaces has: visits and
 * touches go by their events, people by their identifiers (`device:1`).
 */
export async function describeWorkspace(
  context: Context,
  people: People,
  names: readonly string[],
): Promise<Record<string, unknown[]>> {
  const rows = <Row>(text: string): Promise<Row[]> =>
    context.database.run<Row>({ name: '', text }, [people.workspace.id]);
  const visits = await rows(`
select (select array_agg(e.id order by e.id) from headwater.event e where e.workspace_id = $1 and e.session_id = s.id) as of,
  started_at, last_event_at, events, pageviews, engaged_ms, interactions, conversions, entry_url, exit_url, bounced, engaged,
  (select t.event_id from headwater.touch t where t.workspace_id = $1 and t.id = s.touch_id) as touch
from ${sessionTotals('headwater')} s where workspace_id = $1 order by 1`);
  const touches = await rows(`
select t.event_id, t.kind, t.source, t.medium, t.campaign, t.rule, t.channel, t.occurred_at, t.link_id,
  (select min(e.id::text) from headwater.event e where e.workspace_id = $1 and e.session_id = t.session_id) as visit
from headwater.touch t where t.workspace_id = $1 order by 1`);
  const conversions = await rows(`
select c.id, c.type, c.link_id, c.amount_minor, c.reverses_id, c.reverses_type, c.reverses_key,
  (select event_id from headwater.touch t where t.workspace_id = $1 and t.id = c.touch_id) as touch
from headwater.conversion c where c.workspace_id = $1 order by 1`);
  const touched = await rows(`
select e.id, (select event_id from headwater.touch t where t.workspace_id = $1 and t.id = e.touch_id) as touch
from headwater.event e where e.workspace_id = $1 order by 1`);
  const counters = await rows(
    'select link_id, clicks, unique_clicks, leads, sales from headwater.link_counter where workspace_id = $1 order by 1',
  );
  const revenue = await rows(
    'select link_id, currency, amount_minor from headwater.link_revenue where workspace_id = $1 and amount_minor <> 0 order by 1, 2',
  );
  const newest = new Map(
    (
      await rows<{ id: string; at: Date | null }>(
        'select id, last_conversion_at as at from headwater.visitor where workspace_id = $1',
      )
    ).map((row) => [row.id, row.at]),
  );
  const persons = [];
  for (const name of names.toSorted()) {
    const found = await people.find(name);
    const visitor = found && (await people.hw.visitors.get(found.rootId));
    persons.push([
      name,
      visitor?.events,
      visitor?.pageviews,
      visitor?.sessions,
      visitor?.status,
      visitor?.lifetimeValue.filter(({ amountMinor }) => amountMinor !== 0n),
      found && newest.get(found.rootId),
      visitor?.lastSource?.source,
    ]);
  }
  return { visits, touches, conversions, touched, counters, revenue, persons };
}
