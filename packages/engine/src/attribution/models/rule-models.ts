import { refuseField } from '../../kernel/validation.ts';
import type { ValidationRefusal } from '../../kernel/validation.ts';
import { defineRule } from './model-definition.ts';
import type { NumberParameter } from './parameter.ts';
import { partWeights } from './part-weights.ts';
import { linear, participation } from './shared-touch.ts';
import { firstTouch, lastNonDirect, lastPaid, lastTouch } from './single-touch.ts';
import { timeDecay } from './time-decay.ts';

/** The models that are a rule about one path. */
export const ruleModels = {
  first_touch: defineRule({
    description: 'All credit to the first touch',
    parameters: {},
    weigh: firstTouch,
  }),
  last_touch: defineRule({
    description: 'All credit to the last touch',
    parameters: {},
    weigh: lastTouch,
  }),
  last_non_direct: defineRule({
    description: 'All credit to the last touch that is not direct; where all are, to the last',
    parameters: {},
    weigh: lastNonDirect,
  }),
  last_paid: defineRule({
    description: 'All credit to the last paid touch; where none is, to the last that is not direct',
    parameters: {},
    weigh: lastPaid,
  }),
  linear: defineRule({
    description: 'The same credit to every touch',
    parameters: {},
    weigh: linear,
  }),
  time_decay: defineRule({
    description: 'Half the credit for each half-life that a touch is further from the conversion',
    parameters: {
      halfLifeDays: {
        type: 'number',
        description: 'After how many days a touch is worth half',
        default: 7,
        min: 0.01,
        max: 3650,
      },
      decay: {
        type: 'choice',
        description: 'Whether credit falls evenly, or by half when a half-life is over',
        default: 'continuous',
        choices: ['continuous', 'stepped'],
      },
    },
    weigh: timeDecay,
  }),
  position_based: defineRule({
    description: 'Most credit to the first and the last touch, some to those between (U-shaped)',
    parameters: {
      first: part('the first touch', 40),
      middle: part('the touches between', 20),
      last: part('the last touch', 40),
    },
    weigh: (path, parts) => partWeights(path, { ...parts, lead: 0 }),
    check: refuseNoPart,
  }),
  j_shaped: defineRule({
    description: '20 to the first touch, 20 to those between, 60 to the last',
    parameters: {},
    weigh: (path) => partWeights(path, { first: 20, lead: 0, middle: 20, last: 60 }),
  }),
  inverse_j: defineRule({
    description: '60 to the first touch, 20 to those between, 20 to the last',
    parameters: {},
    weigh: (path) => partWeights(path, { first: 60, lead: 0, middle: 20, last: 20 }),
  }),
  w_shaped: defineRule({
    description:
      '30 each to the first touch, the one that made the lead, and the last; 10 to the rest',
    parameters: {},
    weigh: (path) => partWeights(path, { first: 30, lead: 30, middle: 10, last: 30 }),
  }),
  custom: defineRule({
    description: 'Credit by place in the path, with weights of your own',
    parameters: {
      first: part('the first touch', 40),
      lead: part('the last touch before the person became a lead', 0),
      middle: part('the other touches', 20),
      last: part('the last touch', 40),
    },
    weigh: partWeights,
    check: refuseNoPart,
  }),
  participation: defineRule({
    description: 'The whole credit to every channel of the path: totals over channels mean nothing',
    parameters: {},
    weigh: participation,
    additive: false,
  }),
};

function part(whose: string, share: number): NumberParameter {
  return {
    type: 'number',
    description: `The part of ${whose}, in relation to the others`,
    default: share,
    min: 0,
    max: 100,
  };
}

function refuseNoPart(parts: Readonly<Record<string, number>>): ValidationRefusal | undefined {
  if (Object.values(parts).some((each) => each > 0)) return undefined;
  return refuseField('first', `must be above 0 where ${Object.keys(parts).join(', ')} all are 0`);
}
