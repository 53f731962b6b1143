import * as z from 'zod';

import { given } from '../kernel/given.ts';
import { lookbackDaysMax } from './goal.ts';
import type { AttributionSettings, GoalRule } from './goal.ts';

const lookbackDays = z.number().min(0).max(lookbackDaysMax);

const goalRule = z
  .strictObject({
    count: z.enum(['every', 'first', 'once_per_window']).optional().meta({
      description:
        'Which conversions of one person count: each, the first, or one until the window after it is over',
      default: 'every',
    }),
    window_days: z
      .number()
      .positive()
      .max(lookbackDaysMax)
      .optional()
      .meta({ description: 'For `once_per_window`', default: 30 }),
    touches: z.enum(['window', 'since_last']).optional().meta({
      description:
        'Which touches a further conversion takes: all of its window, or those after the one before it',
      default: 'window',
    }),
  })
  .meta({ id: 'GoalRule' });

export const goalRules = z.strictObject({
  lead: goalRule.optional(),
  sale: goalRule.optional(),
  registration: goalRule.optional(),
});

export const attributionSettings = z
  .strictObject({
    click_lookback_days: lookbackDays.optional().meta({
      description: 'How many days before a conversion a touch may lie that somebody followed',
      default: 90,
    }),
    view_lookback_days: lookbackDays
      .optional()
      .meta({ description: 'The same for views; 0 leaves them out', default: 0 }),
    goals: goalRules.optional(),
  })
  .meta({ id: 'AttributionSettings' });

export function toAttributionSettings(
  wire: z.output<typeof attributionSettings>,
): AttributionSettings {
  return given({
    clickLookbackDays: wire.click_lookback_days,
    viewLookbackDays: wire.view_lookback_days,
    goals: wire.goals && toGoalRules(wire.goals),
  });
}

export function toGoalRules(
  wire: z.output<typeof goalRules>,
): NonNullable<AttributionSettings['goals']> {
  return Object.fromEntries(
    Object.entries(given(wire)).map(([goal, { window_days: windowDays, ...rule }]) => [
      goal,
      given({ ...rule, windowDays }),
    ]),
  );
}

export function toAttributionSettingsResponse(
  settings: AttributionSettings,
): z.input<typeof attributionSettings> {
  return given({
    click_lookback_days: settings.clickLookbackDays,
    view_lookback_days: settings.viewLookbackDays,
    goals:
      settings.goals &&
      Object.fromEntries(
        Object.entries(settings.goals).map(([goal, rule]) => [goal, toGoalRuleResponse(rule)]),
      ),
  });
}

function toGoalRuleResponse({ count, touches, windowDays }: GoalRule): z.input<typeof goalRule> {
  return given({ count, touches, window_days: windowDays });
}
