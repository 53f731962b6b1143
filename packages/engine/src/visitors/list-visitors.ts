import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { cutPage, readIdCursor, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { hashIdentifier } from './hash-identifier.ts';
import { normaliseIdentifier } from './normalise-identifier.ts';
import type { PeopleFilter } from './people-filter-store.ts';
import type { IdentifierHash, RootName } from './person-store.ts';
import { findPeople, findRoots } from './person-store.ts';
import type { Visitor } from './visitor.ts';

export interface VisitorPage {
  readonly visitors: readonly Visitor[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

export interface ListVisitorsInput extends PageInput, PeopleFilter {
  /** The id of a visitor, or the whole of an external id, email or phone number. */
  readonly search?: string | undefined;
}

/** People, newest first, 20 to a page; visitors that were merged are part of their person. */
export async function listVisitors(
  context: Context,
  workspace: Workspace,
  input: ListVisitorsInput = {},
): Promise<Result<VisitorPage, InvalidQuery>> {
  const page = readPage(input, 20, readIdCursor);
  if (!page.ok) return page;
  const { db } = context.database;
  const { limit } = page.value;
  const found = await findRoots(db, workspace.id, {
    ...page.value,
    limit: limit + 1,
    filter: input,
    ...(input.search !== undefined && { named: readSearch(workspace, input.search) }),
  });
  const { rows, nextCursor } = cutPage(found, limit, (root) => root);
  return ok({ visitors: await findPeople(db, workspace, rows), nextCursor });
}

const searchedKinds = ['external_id', 'email', 'phone'];

/** Whoever searches does not say by what, so it may be any of these. */
function readSearch(workspace: Workspace, search: string): RootName {
  const text = search.trim();
  const hashes = searchedKinds.flatMap((kind): IdentifierHash[] => {
    const value = normaliseIdentifier({ kind, value: text }, workspace.settings);
    return value === undefined ? [] : [{ kind, valueHash: hashIdentifier(workspace, kind, value) }];
  });
  return { hashes, ...(isUuid(text) && { visitorId: text.toLowerCase() }) };
}
