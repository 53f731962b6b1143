/**
 * The visits as they are now, as a sub-select for a FROM clause: a visit's row and what its device still holds
 * (docs/adr/0001).
 *
 * @param schema quoted, as in every statement
 */
export function sessionTotals(schema: string): string {
  return `(
  select s.workspace_id, s.id, s.visitor_id, s.started_at, greatest(s.last_event_at, v.session_last_at) as last_event_at,
    s.touch_id, s.events + coalesce(v.session_events, 0) as events,
    s.pageviews + coalesce(v.session_pageviews, 0) as pageviews, s.entry_url,
    coalesce(v.session_exit_url, s.exit_url) as exit_url,
    s.pageviews + coalesce(v.session_pageviews, 0) < 2 and s.events + coalesce(v.session_events, 0) < 2 as bounced,
    s.pageviews + coalesce(v.session_pageviews, 0) >= 2 as engaged,
    s.browser, s.system, s.device_type, s.in_app, s.country_code, s.region, s.city
  from ${schema}.session s
  left join ${schema}.visitor v on v.workspace_id = s.workspace_id and v.id = s.visitor_id and v.session_id = s.id
)`;
}
