import { goals, isGoal, lookbackDaysMax } from './goal.ts';
import type { AttributionSettings, GoalRule } from './goal.ts';

type FieldErrors = Record<string, readonly string[]>;

const lookbackRule = `must be a number of days from 0 to ${lookbackDaysMax}`;

/** Messages by field, named below `field`. */
export function checkAttributionSettings(
  settings: AttributionSettings | undefined,
  field: string,
): FieldErrors {
  if (settings === undefined) return {};
  return {
    ...checkLookback(settings.clickLookbackDays ?? 0, `${field}.clickLookbackDays`),
    ...checkLookback(settings.viewLookbackDays ?? 0, `${field}.viewLookbackDays`),
    ...checkGoalRules(settings.goals ?? {}, `${field}.goals`),
  };
}

export function checkLookback(days: unknown, field: string): FieldErrors {
  const isGood = typeof days === 'number' && days >= 0 && days <= lookbackDaysMax;
  return isGood ? {} : { [field]: [lookbackRule] };
}

export function checkGoalRules(
  rules: NonNullable<AttributionSettings['goals']>,
  field: string,
): FieldErrors {
  const errors: FieldErrors = {};
  if (typeof rules !== 'object' || rules === null)
    return { [field]: ['must be an object with a rule for each goal'] };
  for (const [goal, rule] of Object.entries(rules)) {
    const at = `${field}.${goal}`;
    if (!isGoal(goal)) errors[at] = [`is no goal: these are ${goals.join(', ')}`];
    else Object.assign(errors, checkRule(rule, at));
  }
  return errors;
}

function checkRule(rule: GoalRule | null, at: string): FieldErrors {
  const errors: FieldErrors = {};
  const { count = 'every', windowDays = 1, touches = 'window' } = rule ?? {};
  if (!['every', 'first', 'once_per_window'].includes(count))
    errors[`${at}.count`] = ['must be one of every, first, once_per_window'];
  if (!(typeof windowDays === 'number' && windowDays > 0 && windowDays <= lookbackDaysMax))
    errors[`${at}.windowDays`] = [
      `must be a number of days above 0, and at most ${lookbackDaysMax}`,
    ];
  if (!['window', 'since_last'].includes(touches))
    errors[`${at}.touches`] = ['must be window or since_last'];
  return errors;
}
