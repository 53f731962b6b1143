import { answer, defineRoute } from '../http/route.ts';
import { given } from '../kernel/given.ts';
import { reclassifyParams, reclassifyResponse } from './reclassify-schema.ts';
import { reclassifyPart } from './reclassify-touches.ts';

const reclassify = defineRoute({
  method: 'post',
  path: '/sources/reclassify',
  operationId: 'reclassifyTouches',
  tag: 'Sources',
  summary: 'Classify the touches of the past anew',
  description:
    'Under the rules of now, and by what each touch keeps of its arrival; reports and credit follow. One call does a thousand touches: call again with `next_cursor` until it is null.',
  scope: 'admin',
  body: reclassifyParams,
  responses: { 200: { description: 'What was done', schema: reclassifyResponse } },
  refusals: ['validation_failed'],
  idempotency: 'resumed',
  async handle(context, workspace, { body }) {
    const { from, to, cursor, dry_run: dryRun } = body;
    const done = await reclassifyPart(context, workspace, given({ from, to, cursor, dryRun }));
    if (!done.ok) return done;
    const { touches, changed, left, nextCursor = null } = done.value;
    return answer(200, { touches, changed, left, next_cursor: nextCursor });
  },
});

export const reclassifyRoutes = [reclassify];
