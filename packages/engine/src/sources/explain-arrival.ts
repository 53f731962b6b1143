import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import { getLink } from '../links/get-link.ts';
import { linkNotFound } from '../links/update-link.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { explainSource } from './explain-source.ts';
import type { SourceExplanation } from './explain-source.ts';

export interface ExplainArrivalInput {
  /** The address of the landing, or of the short link that was clicked. */
  readonly url: string;
  readonly referrer?: string | undefined;
  readonly userAgent?: string | undefined;
  /** The link of ours that was clicked. */
  readonly linkId?: string | undefined;
}

/** Says where an arrival would be taken to come from, by the rules of now, and why. Nothing is recorded. */
export async function explainArrival(
  context: Context,
  workspace: Workspace,
  { url, referrer, userAgent, linkId }: ExplainArrivalInput,
): Promise<Result<SourceExplanation, ReturnType<typeof linkNotFound>>> {
  const link = linkId === undefined ? undefined : await getLink(context, workspace, linkId);
  if (linkId !== undefined && link === undefined) return linkNotFound();
  return ok(
    explainSource({
      url,
      referrer,
      userAgent,
      link,
      ownHosts: context.workspaces.ownHosts(workspace),
      rules: workspace.settings.sourceRules,
    }),
  );
}
