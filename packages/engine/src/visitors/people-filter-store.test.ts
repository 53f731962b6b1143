import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { selectRootsOfAll } from './people-filter-store.ts';
import type { PeopleFilter } from './people-filter-store.ts';
import { findRoots } from './person-store.ts';
import { visitorStatuses } from './visitor.ts';

const workspaceId = '019aa8a5-5980-7a98-857b-2167864a554b';
const idOf = (number: string): string =>
  `('019aa8a5-5980-7000-8000-' || lpad((${number})::text, 12, '0'))::uuid`;

/** Sixty visitors, of whom every third was joined to the one before it and some people were erased. */
const people = `
insert into headwater.visitor (workspace_id, id, root_id, version, revision, first_seen_at, last_seen_at, session_id,
  session_events, session_pageviews, status, events, pageviews, sessions, erased_at)
select '${workspaceId}', ${idOf('n')}, ${idOf('n - (n % 3 = 0)::int')}, 0, n, '2026-01-01', '2026-01-01'::timestamptz + n * interval '1 hour',
  ${idOf('n')}, 0, 0, (array['${visitorStatuses.join("','")}'])[1 + n * 7 % ${visitorStatuses.length}], 0, 0, 0,
  case when n % 11 = 1 then '2026-02-01'::timestamptz end
from generate_series(1, 60) n`;
const visits = `
insert into headwater.session (workspace_id, id, visitor_id, started_at, last_event_at, events, pageviews, country_code)
select '${workspaceId}', ${idOf('n')}, ${idOf('n')}, '2026-01-01', '2026-01-01', 1, 1, (array['DE', 'FR'])[1 + n / 2 % 2]
from generate_series(1, 60) n`;
const arrivals = `
insert into headwater.touch (workspace_id, id, visitor_id, event_id, kind, occurred_at, recorded_at, channel)
select '${workspaceId}', gen_random_uuid(), ${idOf('n')}, gen_random_uuid(), 'campaign', '2026-01-01', '2026-01-01',
  (array['Email', 'Referral', 'Direct'])[1 + (n + arrival) % 3]
from generate_series(1, 60) n cross join generate_series(1, 1 + n % 2) arrival`;

const filters: readonly PeopleFilter[] = [
  ...visitorStatuses.map((status) => ({ status })),
  { country: 'DE' },
  { country: 'SE' },
  { channel: 'Email' },
  { seenSince: new Date(Date.UTC(2026, 0, 2)) },
  { status: visitorStatuses[1], country: 'FR', channel: 'Referral' },
];

describe('people who meet a filter', () => {
  let context: TestContext;
  beforeAll(async () => {
    context = await openTestContext('pglite');
    for (const text of [people, visits, arrivals])
      await context.database.run({ name: '', text }, []);
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  it('are the same, whether they are looked at one by one or all at once', async () => {
    const { db } = context.database;
    const found: number[] = [];
    for (const filter of filters) {
      const page = { limit: 50, offset: 0, before: undefined, filter };
      const roots = await findRoots(db, workspaceId, page);
      expect(await selectRootsOfAll(db, workspaceId, page)).toEqual(roots);
      found.push(roots.length);
      if (roots.length < 4) continue;
      const later = { limit: 2, offset: 1, before: roots[0], filter };
      expect(await selectRootsOfAll(db, workspaceId, later)).toEqual(roots.slice(2, 4));
    }
    expect(found.filter((count) => count > 3).length).toBeGreaterThan(5);
  });
});
