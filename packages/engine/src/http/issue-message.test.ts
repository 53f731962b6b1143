import * as z from 'zod';
import { describe, expect, it } from 'vitest';

import { refuseZod } from './errors.ts';
import { issueMessage } from './issue-message.ts';

const schema = z.strictObject({
  name: z.string(),
  seats: z.int().min(1).max(5).optional(),
  share: z.number().gt(0).lt(1).optional(),
  tags: z.array(z.string().min(2)).max(2).optional(),
  settings: z.record(z.string(), z.unknown()).optional(),
  status: z.enum(['active', 'paused']).optional(),
  kind: z.literal('secret').optional(),
  end: z.union([z.object({ at: z.string() }), z.object({ in: z.number() })]).optional(),
  named: z.string({ error: 'must be a colour' }).optional(),
});

describe('the message of a broken rule', () => {
  it.each<[field: string, given: object, message: string]>([
    ['name', {}, 'is required'],
    ['name', { name: 7 }, 'must be a text'],
    ['seats', { name: 'a', seats: 1.5 }, 'must be a whole number'],
    ['seats', { name: 'a', seats: 0 }, 'must be at least 1'],
    ['seats', { name: 'a', seats: 6 }, 'must be at most 5'],
    ['share', { name: 'a', share: 0 }, 'must be more than 0'],
    ['share', { name: 'a', share: 1 }, 'must be less than 1'],
    ['tags', { name: 'a', tags: 'x' }, 'must be a list'],
    ['tags', { name: 'a', tags: ['aa', 'bb', 'cc'] }, 'must have at most 2 entries'],
    ['tags[0]', { name: 'a', tags: ['a'] }, 'must have at least 2 characters'],
    ['settings', { name: 'a', settings: [] }, 'must be an object'],
    ['status', { name: 'a', status: 'on' }, 'must be one of active, paused'],
    ['kind', { name: 'a', kind: 'x' }, 'must be secret'],
    ['end', { name: 'a', end: 'now' }, 'has none of the forms that it may have'],
    ['named', { name: 'a', named: 1 }, 'must be a colour'],
    ['more', { name: 'a', more: 1 }, 'is not a known field'],
  ])('of %s in %j is "%s"', (field, given, message) => {
    const { error } = schema.safeParse(given, { error: issueMessage });
    expect(refuseZod(error!)).toMatchObject({
      message: `${field} ${message}`,
      errors: { [field]: [message] },
    });
  });
});
