import { describe, expect, it } from 'vitest';

import { outcomeOfStatus } from './platform-answer.ts';
import { http } from './platforms/http.ts';

const page = {
  status: 200,
  headers: {},
  body: '<!doctype html><title>Sign in to the network</title>',
};

describe('a page where a platform should have answered', () => {
  it('has delivered nothing, whatever its status: the same is sent again', () => {
    expect(outcomeOfStatus(page)).toMatchObject({ outcome: 'retry', code: 'not_an_answer' });
    expect(outcomeOfStatus({ ...page, body: '' })).toEqual({ outcome: 'delivered' });
    expect(outcomeOfStatus({ ...page, body: 'OK' })).toEqual({ outcome: 'delivered' });
  });

  it("is as good as any other answer at an endpoint of one's own", () => {
    expect(http.classify(page, [])).toEqual({ outcome: 'delivered' });
  });
});
