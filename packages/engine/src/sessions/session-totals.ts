import { engagedMillisecondsMin } from './session-measures.ts';

/**
 * The visits as they are now, as a sub-select for a FROM clause: a visit's row and what the devices that are on it still
 * hold (docs/adr/0001). The one place that knows how the two add up, and what a bounce and an engaged visit is.
 *
 * - `bounced`: one page view at most and no interaction (`identify`, `lead`, `sale`, `share`, `custom`, `registration`,
 *   `redemption`). A visit of nothing but a followed link is no bounce: its landing is not on a page of ours.
 * - `engaged`: two page views, or ten seconds of engagement, or a conversion.
 * - The duration is `last_event_at - started_at`: visits have no gaps to leave out.
 *
 * Both are GoodAnalytics' definitions (`Sessions`); a click does not un-bounce the page that it leads to, because there
 * the two were separate visits.
 *
 * The conditions of a query around it (the workspace, `visitor_id`, `started_at`, `id`) reach the indexes of `session`.
 * Each visit looks up its own device by key, and only joined visits look for others: no scan over visitors.
 *
 * @param schema quoted, as in every statement
 * @returns columns `workspace_id, id, visitor_id, started_at, last_event_at, touch_id, events, pageviews, engaged_ms`
 * (bigint, milliseconds)`, interactions, conversions, entry_url, exit_url, bounced, engaged, browser, system,
 * device_type, in_app, language, country_code, region, city`
 */
export function sessionTotals(schema: string): string {
  return `(
  select t.*,
    (t.pageviews < 2 and t.interactions = 0 and not (t.pageviews = 0 and t.clicks > 0)) as bounced,
    (t.pageviews >= 2 or t.engaged_ms >= ${engagedMillisecondsMin} or t.conversions > 0) as engaged
  from (
    select s.workspace_id, s.id, s.visitor_id, s.started_at,
      greatest(s.last_event_at, v.session_last_at, g.last_at) as last_event_at,
      s.touch_id, s.entry_url,
      s.events + coalesce(v.session_events, 0) + coalesce(g.events, 0) as events,
      s.pageviews + coalesce(v.session_pageviews, 0) + coalesce(g.pageviews, 0) as pageviews,
      s.engaged_ms + coalesce(v.session_engaged_ms, 0) + coalesce(g.engaged_ms, 0) as engaged_ms,
      s.interactions + coalesce(v.session_interactions, 0) + coalesce(g.interactions, 0) as interactions,
      s.conversions + coalesce(v.session_conversions, 0) + coalesce(g.conversions, 0) as conversions,
      s.clicks + coalesce(v.session_clicks, 0) + coalesce(g.clicks, 0) as clicks,
      case greatest(s.exit_at, v.session_exit_at, g.exit_at)
        when v.session_exit_at then v.session_exit_url when g.exit_at then g.exit_url else s.exit_url end as exit_url,
      s.browser, s.system, s.device_type, s.in_app, s.language, s.country_code, s.region, s.city
    from ${schema}.session s
    left join ${schema}.visitor v
      on v.workspace_id = s.workspace_id and v.id = s.visitor_id and v.session_id = s.id
    left join lateral (
      select max(o.session_last_at) as last_at, sum(o.session_events)::int4 as events,
        sum(o.session_pageviews)::int4 as pageviews, sum(o.session_engaged_ms)::int8 as engaged_ms,
        sum(o.session_interactions)::int4 as interactions, sum(o.session_conversions)::int4 as conversions,
        sum(o.session_clicks)::int4 as clicks, max(o.session_exit_at) as exit_at,
        (array_agg(o.session_exit_url order by o.session_exit_at desc nulls last, o.id))[1] as exit_url
      from ${schema}.visitor o
      where s.joined and o.workspace_id = s.workspace_id and o.session_id = s.id and o.session_joined
        and o.id <> s.visitor_id
    ) g on true
  ) t
)`;
}
