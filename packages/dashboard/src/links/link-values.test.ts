import { describe, expect, it } from 'vitest';

import { changedOnly, emptyLink, toLinkBody } from './link-values.ts';

const before = { ...emptyLink(undefined), url: 'https://shop.example/', tags: ['print'] };
const changesTo = (values: Partial<typeof before>) =>
  changedOnly(toLinkBody({ ...before, ...values }, undefined), toLinkBody(before, undefined));

describe('changedOnly', () => {
  it('says nothing where nothing differs', () => {
    expect(changesTo({})).toEqual({});
  });

  it('says what differs, and what is taken away', () => {
    expect(
      changesTo({ tags: ['print', 'new'], utm_source: 'mail', removesPassword: true }),
    ).toEqual({ tags: ['print', 'new'], utm_source: 'mail', password: null });
  });
});
