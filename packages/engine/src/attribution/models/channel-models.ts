import { creditByMarkov } from './markov.ts';
import { defineChannelModel } from './model-definition.ts';
import { creditByShapley } from './shapley.ts';

/** The models that learn from all paths together what each channel is worth. */
export const channelModels = {
  markov: defineChannelModel({
    description: 'Credit by the conversions that would be lost without the channel',
    parameters: {
      order: {
        type: 'integer',
        description: 'How many touches back the next one depends on',
        default: 1,
        min: 1,
        max: 4,
      },
      weighting: {
        type: 'choice',
        description:
          'Whether value goes the way of the conversions, or by the value that would be lost',
        default: 'conversions',
        choices: ['conversions', 'value'],
      },
    },
    credit: creditByMarkov,
  }),
  shapley: defineChannelModel({
    description: 'Credit by what the channel adds to the others, on the average over all orders',
    parameters: {
      worth: {
        type: 'choice',
        description:
          'What channels are worth together: their conversions, or their conversion rate',
        default: 'conversions',
        choices: ['conversions', 'rate'],
      },
      samples: {
        type: 'integer',
        description: 'How many orders are drawn for a rate of more than 12 channels',
        default: 2_000,
        min: 100,
        max: 100_000,
      },
      seed: {
        type: 'integer',
        description: 'Decides which orders are drawn',
        default: 1,
        min: 1,
        max: 2 ** 32 - 1,
      },
    },
    credit: creditByShapley,
  }),
};
