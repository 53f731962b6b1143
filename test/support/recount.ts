import type { Context } from '../../packages/engine/src/context.ts';
import { pathOf } from '../../packages/engine/src/analytics/dimension.ts';
import { sessionTotals } from '../../packages/engine/src/sessions/session-totals.ts';

interface EventRow {
  readonly type: string;
  readonly occurred_at: Date;
  readonly session_id: string | null;
  readonly visitor_id: string | null;
  readonly url: string | null;
}

interface SessionRow {
  readonly id: string;
  readonly started_at: Date;
  readonly last_event_at: Date;
  readonly bounced: boolean;
  readonly engaged: boolean;
  readonly channel: string | null;
  readonly country_code: string | null;
  readonly entry_url: string | null;
  readonly exit_url: string | null;
}

interface VisitorRow {
  readonly id: string;
  readonly root_id: string;
  readonly first_seen_at: Date;
  readonly identified_at: Date | null;
}

interface ConversionRow {
  readonly id: string;
  readonly visitor_id: string;
  readonly type: string;
  readonly occurred_at: Date;
  readonly amount_minor: bigint | null;
  readonly currency: string | null;
  readonly reverses_id: string | null;
  readonly reverses_type: string | null;
  readonly channel: string | null;
}

export interface Recount {
  readonly people: number;
  readonly newPeople: number;
  readonly identified: number;
  readonly events: number;
  readonly pageviews: number;
  readonly sessions: number;
  readonly bounces: number;
  readonly engaged: number;
  readonly seconds: number;
  /** People of each hour, page views and people of each value, visits of each value. */
  readonly peopleByHour: readonly number[];
  readonly byPage: Readonly<Record<string, readonly [pageviews: number, people: number]>>;
  readonly byChannel: Readonly<Record<string, readonly [sessions: number, people: number]>>;
  readonly byExit: Readonly<Record<string, number>>;
  readonly sales: number;
  readonly buyers: number;
  /** Minor units by currency; by value and hour those of dollars. */
  readonly revenue: Readonly<Record<string, bigint>>;
  readonly revenueByChannel: Readonly<Record<string, bigint>>;
  readonly revenueByHour: readonly bigint[];
}

const hour = 3_600_000;

/** What reports have to say of a window of whole hours, from the rows themselves, one by one. */
export async function recount(
  context: Context,
  workspaceId: string,
  window: { readonly from: number; readonly to: number },
): Promise<Recount> {
  const rows = <Row>(text: string): Promise<Row[]> =>
    context.database.run<Row>({ name: '', text }, [workspaceId]);
  const inWindow = (at: Date): boolean => at.getTime() >= window.from && at.getTime() < window.to;
  const all = await rows<EventRow>(
    `select type, occurred_at, session_id, visitor_id, url from headwater.event where workspace_id = $1 and machine is null`,
  );
  const events = all.filter((event) => inWindow(event.occurred_at));
  const sessions = await rows<SessionRow>(
    `select s.*, t.channel from ${sessionTotals('headwater')} s
     left join headwater.touch t on t.workspace_id = s.workspace_id and t.id = s.touch_id where s.workspace_id = $1`,
  );
  const visitors = await rows<VisitorRow>(
    'select * from headwater.visitor where workspace_id = $1',
  );
  const rootOf = new Map(visitors.map((visitor) => [visitor.id, visitor.root_id]));
  const members = Map.groupBy(visitors, (visitor) => visitor.root_id);
  const personOf = (event: EventRow): string | undefined =>
    event.visitor_id === null ? undefined : rootOf.get(event.visitor_id);
  const peopleOf = (some: readonly EventRow[]): Set<string> =>
    new Set(some.flatMap((event) => personOf(event) ?? []));
  const people = peopleOf(events);
  const isNew = (person: string): boolean =>
    members.get(person)!.every((member) => member.first_seen_at.getTime() >= window.from);
  const isKnown = (person: string): boolean =>
    members.get(person)!.some((member) => member.identified_at !== null);
  const sessionById = new Map(sessions.map((session) => [session.id, session]));
  const pageviews = events.filter((event) => event.type === 'pageview');
  // An event is what makes a visit be counted.
  const active = new Set(all.map((event) => event.session_id));
  const begun = sessions.filter(
    (session) => inWindow(session.started_at) && active.has(session.id),
  );
  const channelOf = (event: EventRow): string =>
    sessionById.get(event.session_id ?? '')?.channel ?? 'null';
  const byChannel: Record<string, [number, number]> = {};
  for (const [channel, some] of Map.groupBy(events, channelOf))
    byChannel[channel] = [0, peopleOf(some).size];
  for (const session of begun) byChannel[session.channel ?? 'null']![0] += 1;
  const byExit: Record<string, number> = {};
  for (const session of begun) {
    const page = String(pathOf(session.exit_url));
    byExit[page] = (byExit[page] ?? 0) + 1;
  }
  const conversions = await rows<ConversionRow>(
    `select c.*, t.channel from headwater.conversion c
     left join headwater.touch t on t.workspace_id = c.workspace_id and t.id = c.touch_id where c.workspace_id = $1`,
  );
  return {
    ...recountSales(conversions, inWindow, (id) => rootOf.get(id)),
    revenueByHour: Array.from({ length: (window.to - window.from) / hour }, (_, at) => {
      const from = window.from + at * hour;
      const inHour = (when: Date): boolean =>
        when.getTime() >= from && when.getTime() < from + hour;
      return recountSales(conversions, inHour, (id) => rootOf.get(id)).revenue['USD'] ?? 0n;
    }),
    people: people.size,
    newPeople: [...people].filter(isNew).length,
    identified: [...people].filter(isKnown).length,
    events: events.length,
    pageviews: pageviews.length,
    sessions: begun.length,
    bounces: begun.filter((session) => session.bounced).length,
    engaged: begun.filter((session) => session.engaged).length,
    seconds: begun.reduce(
      (sum, session) =>
        sum + Math.floor((session.last_event_at.getTime() - session.started_at.getTime()) / 1_000),
      0,
    ),
    peopleByHour: Array.from({ length: (window.to - window.from) / hour }, (_, at) => {
      const from = window.from + at * hour;
      return peopleOf(
        events.filter(
          ({ occurred_at: when }) => when.getTime() >= from && when.getTime() < from + hour,
        ),
      ).size;
    }),
    byPage: Object.fromEntries(
      [...Map.groupBy(pageviews, (event) => String(pathOf(event.url)))].map(([page, some]) => [
        page,
        [some.length, peopleOf(some).size] as const,
      ]),
    ),
    byChannel,
    byExit,
  };
}

/** What was sold in a window less what was taken back in it, from what was said of each sale and each refund alone. */
function recountSales(
  conversions: readonly ConversionRow[],
  inWindow: (at: Date) => boolean,
  personOf: (visitorId: string) => string | undefined,
) {
  const byId = new Map(conversions.map((row) => [row.id, row]));
  const revenue: Record<string, bigint> = {};
  const revenueByChannel: Record<string, bigint> = {};
  const add = (sale: ConversionRow, amount: bigint): void => {
    if (sale.currency === null) return;
    revenue[sale.currency] = (revenue[sale.currency] ?? 0n) + amount;
    if (sale.currency !== 'USD') return;
    const channel = sale.channel ?? 'null';
    revenueByChannel[channel] = (revenueByChannel[channel] ?? 0n) + amount;
  };
  const removed = new Set<string>();
  const sold = conversions.filter((row) => row.type === 'sale' && inWindow(row.occurred_at));
  for (const sale of sold) add(sale, sale.amount_minor ?? 0n);
  for (const row of conversions) {
    if (!inWindow(row.occurred_at)) continue;
    const sale = byId.get(row.reverses_id ?? '');
    if (row.type === 'refund') add({ ...(sale ?? row), currency: row.currency }, row.amount_minor!);
    if (row.type !== 'removal' || sale === undefined) continue;
    removed.add(sale.id);
    const taken = conversions.filter((one) => one.type === 'refund' && one.reverses_id === sale.id);
    add(
      sale,
      -taken.reduce((left, { amount_minor: amount }) => left + amount!, sale.amount_minor!),
    );
  }
  const kept = sold.filter(({ id }) => !removed.has(id));
  return {
    sales: sold.length - removed.size,
    buyers: new Set(kept.flatMap((sale) => personOf(sale.visitor_id) ?? [])).size,
    revenue,
    revenueByChannel,
  };
}
