/** The attribution models by themselves, for touches and paths of your own. */
export { models, modelNames, parseModel } from './attribution/models/model.ts';
export type { ModelName } from './attribution/models/model.ts';
export type {
  ChannelModel,
  Model,
  ModelDefinition,
  ParameterValues,
  RuleModel,
} from './attribution/models/model-definition.ts';
export type {
  ChoiceParameter,
  NumberParameter,
  Parameter,
  Parameters,
} from './attribution/models/parameter.ts';
export type { Conversion, GroupedPath, Path, Touch, TouchKind } from './attribution/models/path.ts';
export { eligibleTouches } from './attribution/models/eligible-touches.ts';
export type { Eligibility } from './attribution/models/eligible-touches.ts';
export { creditConversion } from './attribution/models/credit-conversion.ts';
export type { TouchCredit } from './attribution/models/credit-conversion.ts';
export type { ChannelCredit } from './attribution/models/channel-credit.ts';
export { splitAmount } from './attribution/models/split-amount.ts';
export { creditPaths } from './attribution/models/credit-paths.ts';
export { readModelList } from './attribution/chosen-model.ts';
export type { ModelChoice } from './attribution/chosen-model.ts';
