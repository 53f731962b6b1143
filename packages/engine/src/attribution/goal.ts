import { day } from '../kernel/clock.ts';

/** What credit can be given for. */
export const goals = ['lead', 'sale', 'registration'] as const;
export type Goal = (typeof goals)[number];

export function isGoal(type: string): type is Goal {
  return (goals as readonly string[]).includes(type);
}

/** What happens when somebody reaches a goal again. */
export interface GoalRule {
  /**
   * `every` conversion counts; only the `first` of a person; or one `once_per_window`: the next one counts when the
   * window after the last one that counted is over.
   * @default 'every'
   */
  readonly count?: 'every' | 'first' | 'once_per_window' | undefined;
  /**
   * For `once_per_window`.
   * @default 30
   */
  readonly windowDays?: number | undefined;
  /**
   * Which touches a further conversion takes: all of its `window`, or those `since_last`, after the person's conversion
   * before it for the same goal.
   * @default 'window'
   */
  readonly touches?: 'window' | 'since_last' | undefined;
}

/** What a workspace decides about attribution; a report may decide otherwise for itself. */
export interface AttributionSettings {
  /** How many days before a conversion a touch may lie that somebody followed. @default 90 */
  readonly clickLookbackDays?: number | undefined;
  /** The same for views. @default 0: views earn nothing */
  readonly viewLookbackDays?: number | undefined;
  /** By goal. */
  readonly goals?: Readonly<Partial<Record<Goal, GoalRule>>> | undefined;
}

export const lookbackDaysDefault = 90;
export const lookbackDaysMax = 3_650;
const windowDaysDefault = 30;

interface Reached {
  readonly id: string;
  readonly goal: Goal;
  /** Milliseconds. */
  readonly occurredAt: number;
  readonly removed: boolean;
}

/** A conversion that counts, and from when on its touches are its own. */
export interface CountedConversion {
  readonly id: string;
  /** Milliseconds: touches up to then have had their conversion. */
  readonly since: number | undefined;
}

/**
 * Which conversions of one person count under the rules of their goals, and which touches they may take. What was
 * removed never happened: it neither counts nor keeps a later one from counting.
 */
export function countConversions(
  conversions: readonly Reached[],
  rules: AttributionSettings['goals'] = {},
): ReadonlyMap<string, CountedConversion> {
  const counted = new Map<string, CountedConversion>();
  const last = new Map<Goal, { before: number; countedAt: number }>();
  for (const conversion of conversions.toSorted(byTime)) {
    if (conversion.removed) continue;
    const { id, goal, occurredAt } = conversion;
    const { count = 'every', windowDays = windowDaysDefault, touches } = rules[goal] ?? {};
    const previous = last.get(goal);
    const counts =
      previous === undefined ||
      count === 'every' ||
      (count === 'once_per_window' && occurredAt >= previous.countedAt + windowDays * day);
    if (counts)
      counted.set(id, { id, since: touches === 'since_last' ? previous?.before : undefined });
    last.set(goal, {
      before: occurredAt,
      countedAt: counts ? occurredAt : (previous?.countedAt ?? occurredAt),
    });
  }
  return counted;
}

/** Whether a rule looks at more than the conversion itself. */
export function looksBack(rule: GoalRule | undefined): boolean {
  return (rule?.count ?? 'every') !== 'every' || rule?.touches === 'since_last';
}

function byTime(a: Reached, b: Reached): number {
  return a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1);
}
