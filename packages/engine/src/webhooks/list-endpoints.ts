import type { Context } from '../context.ts';
import { cutPage, readIdCursor, readPage } from '../kernel/page.ts';
import type { InvalidQuery, PageInput } from '../kernel/page.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { selectEndpoints } from './endpoint-store.ts';
import { withoutSecrets } from './get-endpoint.ts';
import type { WebhookEndpoint } from './webhook-endpoint.ts';

export interface EndpointPage {
  readonly webhooks: readonly WebhookEndpoint[];
  /** Absent on the last page. */
  readonly nextCursor: string | undefined;
}

/** The endpoints of a workspace, newest first; 50 to a page. */
export async function listEndpoints(
  context: Context,
  workspace: Workspace,
  input: PageInput = {},
): Promise<Result<EndpointPage, InvalidQuery>> {
  const page = readPage(input, 50, readIdCursor);
  if (!page.ok) return page;
  const { limit } = page.value;
  const found = await selectEndpoints(context.database.db, workspace.id, {
    ...page.value,
    limit: limit + 1,
  });
  const { rows, nextCursor } = cutPage(found, limit, (endpoint) => endpoint.id);
  return ok({ webhooks: rows.map(withoutSecrets), nextCursor });
}
