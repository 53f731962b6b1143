import type { LinkResponse } from '@headwater/client/api';
import { describe, expect, it } from 'vitest';

import { bulkChanges, emptyPlan } from './bulk-changes.ts';

const link = {
  tags: ['old', 'kept'],
  folder_id: null,
  utm_source: 'mail',
  utm_medium: null,
  expires_at: null,
  health_check: false,
} as unknown as LinkResponse;

const one = (plan: Partial<typeof emptyPlan>) =>
  bulkChanges([link], { ...emptyPlan, ...plan }, (id) => (id === null ? 'None' : 'Spring'))[0]!;

describe('a change of many links', () => {
  it('changes nothing where nothing is said', () => {
    expect(one({}).params).toEqual({});
  });

  it('leaves out what a link has already', () => {
    expect(
      one({ addTags: ['kept'], utm: { ...emptyPlan.utm, utm_source: 'mail' } }).params,
    ).toEqual({});
  });

  it('adds and takes away tags, and says what they were', () => {
    const { params, lines } = one({ addTags: ['new'], removeTags: ['old'] });
    expect(params).toEqual({ tags: ['kept', 'new'] });
    expect(lines).toEqual([{ field: 'tags', words: 'from old, kept to kept, new' }]);
  });

  it('sets and clears parameters, moves into a folder, and names it', () => {
    const { params, lines } = one({
      folder: 'folder-id',
      utm: { ...emptyPlan.utm, utm_medium: 'email' },
      clearUtm: ['utm_source'],
      health: 'on',
    });
    expect(params).toEqual({
      folder_id: 'folder-id',
      utm_source: null,
      utm_medium: 'email',
      health_check: true,
    });
    expect(lines).toContainEqual({ field: 'folder_id', words: 'from None to Spring' });
  });
});
