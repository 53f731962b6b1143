import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { refuseField, refuseFields } from '../kernel/validation.ts';
import type { ValidationRefusal } from '../kernel/validation.ts';
import type { Model, RuleModel } from './models/model-definition.ts';
import { modelNames, parseModel } from './models/model.ts';
import type { ModelName } from './models/model.ts';

/** A model as a report is asked for it: by name, or with parameters. */
export type ModelChoice =
  | ModelName
  | { readonly model: ModelName; readonly [parameter: string]: string | number };

/** A model with what its column is called: its name, and the parameters that were given. */
export interface ChosenModel {
  readonly key: string;
  readonly model: Model;
}

export interface ChosenRule extends ChosenModel {
  readonly model: RuleModel;
}

const modelsMax = 12;

/** Reads which models are asked for; `fallback` where none is named. */
export function chooseModels(
  choices: readonly ModelChoice[] | undefined,
  fallback: readonly ModelName[],
): Result<readonly ChosenModel[], ValidationRefusal> {
  const wanted: unknown = choices === undefined || choices.length === 0 ? fallback : choices;
  if (!isListOfAtMost(wanted, modelsMax))
    return refuseField('models', `must be a list of at most ${modelsMax} models`);
  const chosen = new Map<string, ChosenModel>();
  for (const [index, choice] of wanted.entries()) {
    const field = `models[${index}]`;
    const { name, parameters } = partsOf(choice);
    const parsed = parseModel(name, parameters);
    if (!parsed.ok) return refuseFields(under(field, parsed.errors ?? {}));
    const key = keyOf(name, parameters);
    chosen.set(key, { key, model: parsed.value });
  }
  return ok([...chosen.values()]);
}

/** The same where only rules about one path make sense. */
export function chooseRules(
  choices: readonly ModelChoice[] | undefined,
  fallback: readonly ModelName[],
): Result<readonly ChosenRule[], ValidationRefusal> {
  const chosen = chooseModels(choices, fallback);
  if (!chosen.ok) return chosen;
  const rules: ChosenRule[] = [];
  for (const { key, model } of chosen.value) {
    if (model.credits !== 'touches')
      return refuseField(
        'models',
        `must not have ${model.name} here: it learns from all paths together and says nothing of one`,
      );
    rules.push({ key, model });
  }
  return ok(rules);
}

/**
 * Reads models as one text: `first_touch,time_decay(half_life_days=14;decay=stepped)`. Parameters are named with
 * underscores or in camel case.
 */
export function readModelList(text: string): Result<readonly ModelChoice[], ValidationRefusal> {
  const choices: ModelChoice[] = [];
  for (const part of text.split(',').map((each) => each.trim())) {
    if (part === '') continue;
    const [, name = '', , inner = ''] = /^(\w+)(\(([^()]*)\))?$/.exec(part) ?? [];
    const known = modelNames.find((each) => each === name);
    if (known === undefined)
      return refuseField(
        'models',
        `must name models: ${modelNames.join(', ')}; with parameters as in time_decay(half_life_days=14)`,
      );
    const parameters: Record<string, string> = {};
    for (const pair of inner.split(';').filter((each) => each.trim() !== '')) {
      const [parameter = '', value = ''] = pair.split('=').map((each) => each.trim());
      parameters[toCamelCase(parameter)] = value;
    }
    choices.push(inner === '' ? known : { ...parameters, model: known });
  }
  return ok(choices);
}

/** A caller without types may hand in anything. */
function partsOf(choice: unknown): {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
} {
  if (typeof choice === 'string') return { name: choice, parameters: {} };
  const { model, ...parameters } = (choice ?? {}) as Readonly<Record<string, unknown>>;
  return { name: typeof model === 'string' ? model : '', parameters };
}

function isListOfAtMost(value: unknown, most: number): value is readonly unknown[] {
  return Array.isArray(value) && value.length <= most;
}

function keyOf(name: string, parameters: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(parameters).map(
    ([parameter, value]) => `${toSnakeCase(parameter)}=${String(value)}`,
  );
  return given.length === 0 ? name : `${name}(${given.join(';')})`;
}

function under(
  field: string,
  errors: Readonly<Record<string, readonly string[]>>,
): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(errors).map(([name, messages]) => [
      name === 'model' ? field : `${field}.${toSnakeCase(name)}`,
      messages,
    ]),
  );
}

function toCamelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
