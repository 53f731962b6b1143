import type { Context } from '../../packages/engine/src/context.ts';
import {
  addMeasures,
  measuresOf,
  noMeasures,
} from '../../packages/engine/src/sessions/session-measures.ts';
import { sessionTotals } from '../../packages/engine/src/sessions/session-totals.ts';
import type { Workspace } from '../../packages/engine/src/workspaces/workspace.ts';

const day = 86_400_000;

interface VisitorRow {
  id: string;
  root_id: string;
  events: number;
  pageviews: number;
  sessions: number;
  last_conversion_at: Date | null;
}
interface MergeRow {
  id: string;
  winner_id: string;
  loser_id: string;
  undone_at: Date | null;
  members: string[];
}
interface EventRow {
  id: string;
  type: string;
  visitor_id: string | null;
  session_id: string | null;
  link_id: string | null;
  machine: string | null;
  amount_minor: bigint | null;
  currency: string | null;
  url: string | null;
  occurred_at: Date;
  properties: Record<string, unknown> | null;
}
interface TouchRow {
  id: string;
  visitor_id: string;
  kind: string;
  occurred_at: Date;
  link_id: string | null;
}
interface ConversionRow {
  id: string;
  type: string;
  visitor_id: string;
  occurred_at: Date;
  amount_minor: bigint | null;
  currency: string | null;
  touch_id: string | null;
  link_touch_id: string | null;
  link_id: string | null;
  reverses_id: string | null;
  reverses_type: string | null;
}

/**
 * Computes from the events, touches and merges of a workspace (the first one) what everything derived from them has to be, and
 * names what is not.
 */
export async function findBroken(context: Context, given?: Workspace): Promise<string[]> {
  const workspace = given ?? (await context.workspaces.first());
  const broken: string[] = [];
  const rows = <Row>(text: string): Promise<Row[]> =>
    context.database.run<Row>({ name: '', text }, [workspace.id]);
  const check = (what: string, is: unknown, shouldBe: unknown): void => {
    if (String(is) !== String(shouldBe)) {
      broken.push(`${what} is ${String(is)} and not ${String(shouldBe)}`);
    }
  };

  const visitors = await rows<VisitorRow>(
    'select * from headwater.visitor where workspace_id = $1',
  );
  const identities = await rows<{ kind: string; visitor_id: string }>(
    'select kind, visitor_id from headwater.identity where workspace_id = $1',
  );
  const merges = await rows<MergeRow>(
    `select m.*, array(select mm.visitor_id::text from headwater.merge_member mm
 where mm.workspace_id = m.workspace_id and mm.merge_id = m.id) as members
 from headwater.merge m where m.workspace_id = $1`,
  );
  const events = await rows<EventRow>('select * from headwater.event where workspace_id = $1');
  const sessions = await rows<{
    id: string;
    visitor_id: string;
    last_event_at: Date;
    events: number;
    pageviews: number;
    engaged_ms: bigint;
    interactions: number;
    conversions: number;
    entry_url: string | null;
    exit_url: string | null;
  }>(`select * from ${sessionTotals('headwater')} s where s.workspace_id = $1`);
  const touches = await rows<TouchRow>('select * from headwater.touch where workspace_id = $1');
  const allConversions = await rows<ConversionRow>(
    'select * from headwater.conversion where workspace_id = $1',
  );
  const isReversal = ({ type }: ConversionRow): boolean => type === 'refund' || type === 'removal';
  const reversals = allConversions.filter(isReversal);
  const conversions = allConversions.filter((conversion) => !isReversal(conversion));

  const rootOf = new Map(visitors.map((visitor) => [visitor.id, visitor.root_id]));
  for (const { id, root_id: root } of visitors) {
    if (rootOf.get(root) !== root) broken.push(`${id} points at ${root}, which is no root`);
  }
  for (const { visitor_id: id } of identities) {
    if (!rootOf.has(id)) broken.push(`an identifier is bound to ${id}, which is no visitor`);
  }
  const external = identities.filter(({ kind }) => kind === 'external_id');
  check(
    'the number of people with an external id',
    new Set(external.map(({ visitor_id: id }) => rootOf.get(id))).size,
    external.length,
  );

  const live = merges.filter((merge) => merge.undone_at === null);
  const roots = visitors.filter((visitor) => visitor.id === visitor.root_id);
  check('the number of people', roots.length, visitors.length - live.length);
  check('the number of losers', new Set(live.map((merge) => merge.loser_id)).size, live.length);
  for (const merge of merges) {
    if (!merge.members.includes(merge.loser_id)) broken.push(`merge ${merge.id} lacks its loser`);
  }
  const movesOf = new Map<string, MergeRow[]>();
  for (const merge of live)
    for (const id of new Set(merge.members)) movesOf.set(id, [...(movesOf.get(id) ?? []), merge]);
  for (const { id, root_id: root } of visitors) {
    const moves = movesOf.get(id) ?? [];
    if (root === id && moves.length > 0) broken.push(`${id} was moved and is a root`);
    // Each move went from the root of then to the next one; the last winner is the root of now.
    let at = id;
    for (let move = 0; move < moves.length; move += 1) {
      at = moves.find((merge) => merge.loser_id === at)?.winner_id ?? at;
    }
    check(`where the merges bring ${id}`, at, root);
  }

  const eventsOf = Map.groupBy(events, (event) => event.visitor_id);
  const sessionsOf = Map.groupBy(sessions, (session) => session.visitor_id);
  for (const visitor of visitors) {
    const own = eventsOf.get(visitor.id) ?? [];
    check(`the events of ${visitor.id}`, visitor.events, own.length);
    check(
      `the page views of ${visitor.id}`,
      visitor.pageviews,
      own.filter((event) => event.type === 'pageview').length,
    );
    check(`the visits of ${visitor.id}`, visitor.sessions, sessionsOf.get(visitor.id)?.length ?? 0);
  }
  const eventsIn = Map.groupBy(events, (event) => event.session_id);
  for (const session of sessions) {
    const own = eventsIn.get(session.id) ?? [];
    const measures = own.map(measuresOf).reduce(addMeasures, noMeasures);
    check(`the events of visit ${session.id}`, session.events, measures.events);
    check(`the page views of visit ${session.id}`, session.pageviews, measures.pageviews);
    check(
      `the engagement of visit ${session.id}`,
      session.engaged_ms,
      measures.engagedMilliseconds,
    );
    check(`the interactions of visit ${session.id}`, session.interactions, measures.interactions);
    check(`the conversions of visit ${session.id}`, session.conversions, measures.conversions);
    const pages = own
      .filter((event) => event.type === 'pageview' && event.url !== null)
      .sort((left, right) => left.occurred_at.getTime() - right.occurred_at.getTime());
    // Of pages of the same moment any may count as the first or the last.
    const urlsAt = (page: EventRow | undefined): ReadonlyArray<string | null> =>
      page === undefined
        ? [null]
        : pages
            .filter((other) => other.occurred_at.getTime() === page.occurred_at.getTime())
            .map((other) => other.url);
    for (const [what, url, page] of [
      ['entry', session.entry_url, pages[0]],
      ['exit', session.exit_url, pages.at(-1)],
    ] as const) {
      if (!urlsAt(page).includes(url))
        broken.push(`the ${what} of visit ${session.id} is ${url} and not ${page?.url}`);
    }
  }

  checkCredits();
  await checkLinks();
  await checkRevenue();
  return broken;

  function checkCredits(): void {
    const touchesOf = Map.groupBy(touches, (touch) => rootOf.get(touch.visitor_id));
    const reversalsOf = Map.groupBy(reversals, (reversal) => reversal.reverses_id);
    const byId = new Map(conversions.map((conversion) => [conversion.id, conversion]));
    const newestOf = new Map<string | undefined, number>();
    for (const conversion of conversions) {
      const person = rootOf.get(conversion.visitor_id);
      const at = conversion.occurred_at.getTime();
      newestOf.set(person, Math.max(newestOf.get(person) ?? 0, at));
      const before = (touchesOf.get(person) ?? [])
        .filter((touch) => touch.kind !== 'view')
        .filter(
          (touch) =>
            touch.occurred_at.getTime() <= at && touch.occurred_at.getTime() > at - 90 * day,
        )
        .sort(
          (left, right) =>
            right.occurred_at.getTime() - left.occurred_at.getTime() ||
            (left.id < right.id ? 1 : -1),
        );
      const any = before.find((touch) => touch.kind !== 'direct') ?? before[0];
      const link = before.find((touch) => touch.link_id !== null);
      check(`the touch of conversion ${conversion.id}`, conversion.touch_id, any?.id ?? null);
      check(
        `the link touch of conversion ${conversion.id}`,
        conversion.link_touch_id,
        link?.id ?? null,
      );
      check(`the link of conversion ${conversion.id}`, conversion.link_id, link?.link_id ?? null);
    }
    for (const { id, amount_minor: amount } of conversions) {
      const left = (reversalsOf.get(id) ?? []).reduce(
        (sum, reversal) => sum + (reversal.amount_minor ?? 0n),
        amount ?? 0n,
      );
      if (left < 0n) broken.push(`conversion ${id} has given back more than it was worth`);
    }
    for (const reversal of reversals) {
      const target = byId.get(reversal.reverses_id ?? '');
      check(
        `the link of ${reversal.type} ${reversal.id}`,
        reversal.link_id,
        target?.link_id ?? null,
      );
      check(
        `the touch of ${reversal.type} ${reversal.id}`,
        reversal.touch_id,
        target?.touch_id ?? null,
      );
    }
    for (const root of roots) {
      const newest = newestOf.get(root.id) ?? 0;
      if (newest > (root.last_conversion_at?.getTime() ?? 0)) {
        broken.push(`the newest conversion of ${root.id} is not known to it`);
      }
    }
  }

  async function checkLinks(): Promise<void> {
    const counters = await rows<Record<string, unknown> & { link_id: string }>(
      'select * from headwater.link_counter where workspace_id = $1',
    );
    const counted = new Map(counters.map((counter) => [counter.link_id, counter]));
    const links = new Set([
      ...counted.keys(),
      ...events.flatMap((event) => event.link_id ?? []),
      ...conversions.flatMap((conversion) => conversion.link_id ?? []),
    ]);
    const clicksOf = Map.groupBy(
      events.filter((event) => event.type === 'link_click'),
      (event) => event.link_id,
    );
    for (const link of links) {
      const clicks = clicksOf.get(link) ?? [];
      const human = clicks.filter((event) => event.machine === null);
      const shouldBe: Readonly<Record<string, number>> = {
        clicks: human.length,
        unique_clicks: new Set(human.map((event) => event.visitor_id)).size,
        machine_clicks: clicks.length - human.length,
        leads: countEarned(link, 'lead'),
        sales: countEarned(link, 'sale'),
      };
      for (const [name, number] of Object.entries(shouldBe)) {
        check(`${name} of link ${link}`, counted.get(link)?.[name] ?? 0, number);
      }
    }
  }

  /** What was removed does not count. */
  function countEarned(link: string, type: string): number {
    const earned = conversions.filter((each) => each.link_id === link && each.type === type);
    const removed = reversals
      .filter(
        (each) => each.type === 'removal' && each.link_id === link && each.reverses_type === type,
      )
      .map((each) => each.reverses_id);
    return earned.length - new Set(removed).size;
  }

  async function checkRevenue(): Promise<void> {
    const sums = new Map<string, bigint>();
    const add = (key: string, amount: bigint): void => {
      sums.set(key, (sums.get(key) ?? 0n) + amount);
    };
    for (const row of await rows<{ link_id: string; currency: string; amount_minor: bigint }>(
      'select * from headwater.link_revenue where workspace_id = $1',
    )) {
      add(`the ${row.currency} of link ${row.link_id}`, row.amount_minor);
    }
    for (const row of await rows<{ visitor_id: string; currency: string; amount_minor: bigint }>(
      'select * from headwater.visitor_revenue where workspace_id = $1',
    )) {
      add(`the ${row.currency} of visitor ${row.visitor_id}`, row.amount_minor);
    }
    for (const conversion of allConversions) {
      const goal = conversion.reverses_type ?? conversion.type;
      if (goal !== 'sale' || conversion.amount_minor === null) continue;
      if (conversion.type === 'removal')
        add(
          `the ${conversion.currency} of visitor ${conversion.visitor_id}`,
          -conversion.amount_minor,
        );
      if (conversion.link_id === null) continue;
      add(`the ${conversion.currency} of link ${conversion.link_id}`, -conversion.amount_minor);
    }
    for (const event of events) {
      if (event.amount_minor === null || event.visitor_id === null) continue;
      const sign = event.type === 'sale' ? -1n : event.type === 'refund' ? 1n : 0n;
      add(`the ${event.currency} of visitor ${event.visitor_id}`, sign * event.amount_minor);
    }
    for (const [what, difference] of sums) check(`what is too much in ${what}`, difference, 0n);
  }
}

/** Fails with everything that is broken. */
export async function assertSound(context: Context, workspace?: Workspace): Promise<void> {
  const broken = await findBroken(context, workspace);
  if (broken.length > 0) throw new Error(`Broken:\n${broken.join('\n')}`);
}
