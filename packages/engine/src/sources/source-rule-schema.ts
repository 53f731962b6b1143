import * as z from 'zod';

import { sourceRuleLimits } from './check-source-rules.ts';
import { sourceConditionFields } from './source-rule.ts';

const texts = z.array(z.string()).optional();

const condition = z
  .strictObject({
    field: z.enum(sourceConditionFields),
    name: z
      .string()
      .optional()
      .meta({ description: 'Of the field `parameter`: its name in the query', example: 'partner' }),
    is: texts.meta({
      description:
        'Any of these texts. A host may be `*.example.com`; click ids are named by their parameters.',
      example: ['podcast'],
    }),
    begins: texts,
    ends: texts,
    contains: texts,
    exists: z.boolean().optional(),
  })
  .meta({
    id: 'SourceCondition',
    description:
      'Has exactly one of `is`, `begins`, `ends`, `contains` and `exists`. Texts are compared without regard to case.',
  });

const result = z.strictObject({
  source: z.string().optional(),
  medium: z.string().optional(),
  channel: z.string().optional().meta({ example: 'Audio' }),
  campaign: z.string().optional(),
  content: z.string().optional(),
  term: z.string().optional(),
});

/** What a workspace's own rules look like; `check-source-rules.ts` knows which of them make sense. */
export const sourceRules = z
  .array(
    z
      .strictObject({
        name: z
          .string()
          .meta({ description: 'Decisions are kept as `workspace.<name>`', example: 'podcast' }),
        when: z
          .array(condition)
          .meta({ description: 'All of them hold', maxItems: sourceRuleLimits.conditionsMax }),
        set: result.meta({
          description:
            'What the arrival has where they do; the rest stays as the built-in rules found it',
        }),
      })
      .meta({ id: 'SourceRule' }),
  )
  .meta({
    description: 'Asked before the built-in rules, in this order; the first that matches counts.',
    maxItems: sourceRuleLimits.rulesMax,
  });
