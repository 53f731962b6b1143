import * as z from 'zod';

import { models } from './models/model.ts';

const parameter = z.object({
  type: z.enum(['number', 'integer', 'choice']),
  description: z.string(),
  default: z.union([z.number(), z.string()]),
  min: z.number().optional(),
  max: z.number().optional(),
  choices: z.array(z.string()).optional(),
});

export const modelResponse = z
  .object({
    name: z.string().meta({ example: 'time_decay' }),
    description: z.string(),
    credits: z.enum(['touches', 'channels']).meta({
      description: '`touches`: a rule about one path. `channels`: learns from all paths together',
    }),
    additive: z.boolean(),
    parameters: z.record(z.string(), parameter),
  })
  .meta({ id: 'AttributionModel' });

/** Every model with its parameters, as they are named in requests. */
export function listModels(): Array<z.input<typeof modelResponse>> {
  return Object.entries(models).map(([name, model]) => ({
    name,
    description: model.description,
    credits: model.credits,
    additive: model.additive,
    parameters: Object.fromEntries(
      Object.entries(model.parameters).map(([camelCase, each]) => [
        camelCase.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        each.type === 'choice' ? { ...each, choices: [...each.choices] } : { ...each },
      ]),
    ),
  }));
}
