import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { ok } from '../kernel/result.ts';
import type { Result } from '../kernel/result.ts';
import type { WriteOptions } from '../store/database.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { projectNotFound } from './get-project.ts';
import type { ProjectNotFound } from './get-project.ts';
import { archiveProjectRow } from './project-store.ts';
import type { Project } from './project.ts';

/** Puts a project away: it takes no more events, keeps its numbers, and its slug is free. */
export async function archiveProject(
  context: Context,
  workspace: Workspace,
  slug: string,
  options?: WriteOptions,
): Promise<Result<Project, ProjectNotFound>> {
  const at = new Date(context.clock.now());
  return inTransaction(context.database, options, async (tx) => {
    const project = await archiveProjectRow(tx, workspace.id, slug, at);
    if (project === undefined) return projectNotFound();
    await recordAudit(context, tx, {
      workspaceId: workspace.id,
      action: 'project.archived',
      subject: { type: 'project', id: project.id },
    });
    return ok(project);
  });
}
