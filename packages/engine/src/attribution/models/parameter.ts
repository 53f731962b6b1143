import { ok } from '../../kernel/result.ts';
import type { Result } from '../../kernel/result.ts';
import { refuseFields } from '../../kernel/validation.ts';
import type { ValidationRefusal } from '../../kernel/validation.ts';

/** A setting of a model, as a form or a help text needs it. */
export type Parameter = NumberParameter | ChoiceParameter;

export interface NumberParameter {
  readonly type: 'number' | 'integer';
  readonly description: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

export interface ChoiceParameter<Choice extends string = string> {
  readonly type: 'choice';
  readonly description: string;
  readonly default: Choice;
  readonly choices: readonly Choice[];
}

export type Parameters = Readonly<Record<string, Parameter>>;

/** The values of the parameters, all of them given. */
export type ValuesOf<P extends Parameters> = {
  readonly [Name in keyof P]: P[Name] extends ChoiceParameter<infer Choice> ? Choice : number;
};

/**
 * Reads the values of a model's parameters; what is absent has its default. A number may come as its decimal text, as
 * query strings and command lines have it.
 */
export function parseParameters<P extends Parameters>(
  parameters: P,
  input: Readonly<Record<string, unknown>>,
): Result<ValuesOf<P>, ValidationRefusal> {
  const errors: Record<string, readonly string[]> = {};
  const values: Record<string, number | string> = {};
  const names = Object.keys(parameters);
  for (const name of Object.keys(input)) {
    if (names.includes(name)) continue;
    errors[name] = [
      names.length === 0
        ? 'is not a parameter: this model has none'
        : `is not a parameter of this model, which has ${names.join(', ')}`,
    ];
  }
  for (const [name, parameter] of Object.entries(parameters)) {
    const value = input[name] ?? parameter.default;
    const read = parameter.type === 'choice' ? readChoice(parameter, value) : readNumber(value);
    if (read === undefined || !isWithin(parameter, read)) errors[name] = [ruleOf(parameter)];
    else values[name] = read;
  }
  if (Object.keys(errors).length > 0) return refuseFields(errors);
  return ok(values as ValuesOf<P>);
}

function readChoice({ choices }: ChoiceParameter, value: unknown): string | undefined {
  return choices.find((choice) => choice === value);
}

function readNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d{1,15}(\.\d{1,15})?$/.test(value)
    ? Number(value)
    : undefined;
}

function isWithin(parameter: Parameter, value: number | string): boolean {
  if (parameter.type === 'choice') return true;
  if (typeof value !== 'number' || !(value >= parameter.min && value <= parameter.max))
    return false;
  return parameter.type === 'number' || Number.isInteger(value);
}

function ruleOf(parameter: Parameter): string {
  if (parameter.type === 'choice') return `must be one of ${parameter.choices.join(', ')}`;
  const noun = parameter.type === 'integer' ? 'a whole number' : 'a number';
  return `must be ${noun} from ${parameter.min} to ${parameter.max}`;
}
