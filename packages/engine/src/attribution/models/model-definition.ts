import { ok } from '../../kernel/result.ts';
import type { Result } from '../../kernel/result.ts';
import type { ValidationRefusal } from '../../kernel/validation.ts';
import type { ChannelCredit } from './channel-credit.ts';
import { parseParameters } from './parameter.ts';
import type { Parameters, ValuesOf } from './parameter.ts';
import type { GroupedPath, Path } from './path.ts';

/** A model with its parameters chosen. */
export type Model = RuleModel | ChannelModel;

/** A rule about one path. */
export interface RuleModel {
  readonly credits: 'touches';
  readonly name: string;
  readonly parameters: ParameterValues;
  /** Whether the weights of a path add up to 1. Where they do not, totals over channels mean nothing. */
  readonly additive: boolean;
  /** A weight for each touch of the path. */
  readonly weigh: (path: Path) => readonly number[];
}

/** A model that learns from all paths together what each channel is worth. */
export interface ChannelModel {
  readonly credits: 'channels';
  readonly name: string;
  readonly parameters: ParameterValues;
  readonly additive: true;
  /** Sorted by channel. */
  readonly creditChannels: (paths: readonly GroupedPath[]) => readonly ChannelCredit[];
}

export type ParameterValues = Readonly<Record<string, number | string>>;

/** A model before its parameters are chosen. */
export interface ModelDefinition {
  readonly description: string;
  readonly credits: Model['credits'];
  readonly additive: boolean;
  readonly parameters: Parameters;
  readonly choose: (
    name: string,
    input: Readonly<Record<string, unknown>>,
  ) => Result<Model, ValidationRefusal>;
}

interface RuleDefinition<P extends Parameters> {
  readonly description: string;
  readonly parameters: P;
  readonly weigh: (path: Path, values: ValuesOf<P>) => readonly number[];
  /** @default true */
  readonly additive?: boolean;
  /** What no parameter can say alone. */
  readonly check?: (values: ValuesOf<P>) => ValidationRefusal | undefined;
}

export function defineRule<const P extends Parameters>(rule: RuleDefinition<P>): ModelDefinition {
  const { description, parameters, weigh, additive = true, check } = rule;
  return {
    description,
    credits: 'touches',
    additive,
    parameters,
    choose: (name, input) => {
      const parsed = parseParameters(parameters, input);
      if (!parsed.ok) return parsed;
      const values = parsed.value;
      const refusal = check?.(values);
      if (refusal !== undefined) return refusal;
      return ok({
        credits: 'touches',
        name,
        parameters: values,
        additive,
        weigh: (path) => weigh(path, values),
      });
    },
  };
}

interface ChannelModelDefinition<P extends Parameters> {
  readonly description: string;
  readonly parameters: P;
  readonly credit: (paths: readonly GroupedPath[], values: ValuesOf<P>) => readonly ChannelCredit[];
}

export function defineChannelModel<const P extends Parameters>(
  model: ChannelModelDefinition<P>,
): ModelDefinition {
  const { description, parameters, credit } = model;
  return {
    description,
    credits: 'channels',
    additive: true,
    parameters,
    choose: (name, input) => {
      const parsed = parseParameters(parameters, input);
      if (!parsed.ok) return parsed;
      const values = parsed.value;
      return ok({
        credits: 'channels',
        name,
        parameters: values,
        additive: true,
        creditChannels: (paths) => credit(paths, values),
      });
    },
  };
}
