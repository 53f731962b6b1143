import type { Context } from '../context.ts';
import { partnerOverview } from './partner-overview.ts';
import { partnerPage, partnerPageHeaders, refusedPartnerPage } from './partner-page.ts';
import { toOverviewResponse } from './partner-schema.ts';
import { readPartnerToken } from './partner-token.ts';

/** Answers a partner with what is theirs, as a page or as JSON; a token that is no good with 401. */
export async function answerPartner(
  context: Context,
  token: string,
  as: 'page' | 'data',
): Promise<{
  readonly status: 200 | 401;
  readonly headers: Record<string, string>;
  readonly body: string;
}> {
  const read = await readPartnerToken(context, token);
  const json = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'private, no-store',
  };
  if (!read.ok)
    return as === 'page'
      ? { status: 401, headers: partnerPageHeaders([]), body: refusedPartnerPage(read.message) }
      : {
          status: 401,
          headers: json,
          body: JSON.stringify({ error: read.message, code: read.code }),
        };
  const { workspace, partner } = read.value;
  const overview = await partnerOverview(context, workspace, partner);
  if (as === 'data')
    return { status: 200, headers: json, body: JSON.stringify(toOverviewResponse(overview)) };
  const ancestors = workspace.settings.partners?.frameAncestors ?? [];
  return { status: 200, headers: partnerPageHeaders(ancestors), body: partnerPage(overview) };
}
