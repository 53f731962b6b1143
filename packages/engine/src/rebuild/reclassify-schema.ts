import * as z from 'zod';

import { instant, text } from '../http/fields-schema.ts';

export const reclassifyParams = z.strictObject({
  from: instant.optional().meta({ description: 'Touches from then on' }),
  to: instant.optional().meta({ description: 'Touches before then' }),
  dry_run: z.boolean().optional().meta({ description: 'Only count what would change' }),
  cursor: text(200).optional().meta({ description: 'The `next_cursor` of the answer before' }),
});

export const reclassifyResponse = z
  .object({
    touches: z.int().meta({ description: 'Looked at', example: 1000 }),
    changed: z.int().meta({ description: 'Something else is decided than was then', example: 37 }),
    left: z.int().meta({
      description: 'Left as they are: what they were classified by is not kept any more',
      example: 0,
    }),
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: 'Of the next thousand; null at the end' }),
  })
  .meta({ id: 'Reclassification' });
