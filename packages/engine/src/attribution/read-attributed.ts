import type { Context } from '../context.ts';
import { balanceOf } from './conversion.ts';
import type { Balance, StoredConversion } from './conversion.ts';
import { countConversions, looksBack } from './goal.ts';
import type { AttributionSettings, CountedConversion } from './goal.ts';
import { eligibleTouches } from './models/eligible-touches.ts';
import type { Path } from './models/path.ts';
import type { PathScope } from './path-scope.ts';
import { findConversions, findHistories, findReversals, findTouches } from './path-store.ts';
import type { PersonTouch } from './path-store.ts';
import type { Period } from '../reports/report-period.ts';

/** What a question about conversions reads. */
export interface AttributedQuery {
  readonly scope: PathScope;
  readonly period: Period;
  readonly clickLookbackMilliseconds: number;
  readonly viewLookbackMilliseconds: number;
  readonly rules: NonNullable<AttributionSettings['goals']>;
  /** Whether a model asks when the person became a lead. */
  readonly needsLeads: boolean;
}

/** A conversion that counts, with the touches that may earn credit for it. */
export interface AttributedConversion {
  readonly conversion: StoredConversion;
  readonly balance: Balance;
  readonly path: Path;
}

/** Two pages of so many conversions are in memory at once, with the touches of their people. */
const pageSize = 5_000;

/**
 * The conversions of a period that count under the rules of their goals, page by page in the order of time, with their
 * paths. The touches are those of the people who converted, found by visitor, so that the cost follows the conversions
 * and not the events. What was removed comes too: the caller decides whether it is history or nothing.
 */
export async function* readAttributed(
  { database }: Pick<Context, 'database'>,
  query: AttributedQuery,
): AsyncGenerator<readonly AttributedConversion[]> {
  let loading = loadPage(database, query, undefined);
  for (;;) {
    const { last, attributed } = await loading;
    // The database reads the next page while this one is counted.
    if (last !== undefined) {
      loading = loadPage(database, query, last);
      loading.catch(ignore);
    }
    if (attributed.length > 0) yield attributed;
    if (last === undefined) return;
  }
}

/** `last` is where the next page goes on; `undefined` on the last one. */
async function loadPage(
  database: Context['database'],
  query: AttributedQuery,
  after: StoredConversion | undefined,
): Promise<{
  readonly last: StoredConversion | undefined;
  readonly attributed: readonly AttributedConversion[];
}> {
  const { scope, period } = query;
  const page = await findConversions(database, scope, period, { after, limit: pageSize });
  return {
    last: page.length < pageSize ? undefined : page.at(-1),
    attributed: page.length === 0 ? [] : await attribute(database, query, page),
  };
}

/** Whoever awaits the page is told; who has stopped asking need not be. */
function ignore(): void {}

/** The same for conversions that are at hand. */
export async function attribute(
  database: Context['database'],
  query: Omit<AttributedQuery, 'period'>,
  conversions: readonly StoredConversion[],
): Promise<readonly AttributedConversion[]> {
  const { scope, rules, needsLeads } = query;
  const people = [...new Set(conversions.map(({ personId }) => personId))];
  const places = new Map(people.map((id, place) => [id, place]));
  const times = conversions.map(({ occurredAt }) => occurredAt);
  const earliest = times.reduce((least, at) => Math.min(least, at), Infinity);
  const latest = times.reduce((most, at) => Math.max(most, at), -Infinity);
  const lookback = Math.max(query.clickLookbackMilliseconds, query.viewLookbackMilliseconds);
  const looks = scope.goals.some((goal) => looksBack(rules[goal]));

  const [reversals, touches, histories] = await Promise.all([
    findReversals(
      database,
      scope,
      conversions.map(({ id }) => id),
    ),
    findTouches(database, scope, people, { from: earliest - lookback, to: latest }),
    looks || needsLeads ? findHistories(database, scope, people, latest + 1) : [],
  ]);
  const touchesOf = byPerson(touches, people.length);
  const historyOf = Map.groupBy(histories, ({ personId }) => personId);
  const countedOf = new Map<string, ReadonlyMap<string, CountedConversion>>();
  const counted = ({ id, personId }: StoredConversion): CountedConversion | undefined => {
    if (!looks) return { id, since: undefined };
    let map = countedOf.get(personId);
    if (map === undefined) {
      map = countConversions(historyOf.get(personId) ?? [], rules);
      countedOf.set(personId, map);
    }
    return map.get(id);
  };

  return conversions.flatMap((conversion): AttributedConversion[] => {
    const { id, personId, occurredAt, amountMinor } = conversion;
    const balance = balanceOf(amountMinor, reversals.get(id) ?? []);
    const counts = balance.removed ? { id, since: undefined } : counted(conversion);
    if (counts === undefined) return [];
    const lead = historyOf
      .get(personId)
      ?.find((each) => each.goal === 'lead' && !each.removed && each.occurredAt <= occurredAt);
    const path: Path = {
      touches: eligibleTouches(touchesOf[places.get(personId) ?? -1] ?? [], conversion, {
        clickLookback: { milliseconds: query.clickLookbackMilliseconds },
        viewLookback: { milliseconds: query.viewLookbackMilliseconds },
        since: counts.since,
      }),
      conversion: { occurredAt, amountMinor: balance.netMinor, leadAt: lead?.occurredAt },
    };
    return [{ conversion, balance, path }];
  });
}

function byPerson(
  touches: readonly PersonTouch[],
  people: number,
): ReadonlyArray<readonly PersonTouch[]> {
  const lists = Array.from({ length: people }, (): PersonTouch[] => []);
  for (const touch of touches) lists[touch.person]?.push(touch);
  return lists;
}
