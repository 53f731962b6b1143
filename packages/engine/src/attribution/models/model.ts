/**
 * The attribution models: pure functions over touches.
 *
 * 1. `eligibleTouches(touches, conversion, eligibility)` cuts and sorts. Models see only what it answers.
 * 2. `parseModel(name, parameters)` answers a model, or a refusal that names the parameter and its rule.
 * 3. A model that credits `touches` takes one conversion: `creditConversion(model, { touches, conversion })`.
 *    One that credits `channels` takes all paths, one currency at a time: `model.creditChannels(groupedPaths)`.
 * 4. Amounts add up exactly. A refund is the same path with a negative amount.
 *
 * @module
 */
import type { Result } from '../../kernel/result.ts';
import { refuseField } from '../../kernel/validation.ts';
import type { ValidationRefusal } from '../../kernel/validation.ts';
import { channelModels } from './channel-models.ts';
import type { Model, ModelDefinition } from './model-definition.ts';
import { ruleModels } from './rule-models.ts';

export type ModelName = keyof typeof ruleModels | keyof typeof channelModels;

/** Every model by its name, in the order to list them. */
export const models: Readonly<Record<ModelName, ModelDefinition>> = {
  ...ruleModels,
  ...channelModels,
};

/** Every model by its name. */
export const modelNames = Object.keys(models) as readonly ModelName[];

/**
 * The model of a name, with the parameters given and the others at their defaults. Numbers may be decimal text.
 *
 * @example parseModel('time_decay', { halfLifeDays: 14 })
 */
export function parseModel(
  name: string,
  parameters: Readonly<Record<string, unknown>> = {},
): Result<Model, ValidationRefusal> {
  const known = modelNames.find((each) => each === name);
  if (known === undefined) return refuseField('model', `must be one of ${modelNames.join(', ')}`);
  return models[known].choose(known, parameters);
}
