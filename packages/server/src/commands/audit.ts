import type { ServerConfig } from '../config.ts';
import type { Log } from '../log.ts';
import type { AuditFlags } from '../program-links.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { findWorkspace } from './find-workspace.ts';
import { refused, withMigratedEngine } from './invitations.ts';

/** The newest 200 entries of the audit log. */
export async function showAudit(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  { actor, action, subject, workspace }: AuditFlags,
): Promise<void> {
  const entries = await withMigratedEngine(config, log, async (hw) => {
    const workspaceId = await findWorkspace(hw, workspace);
    const filter = { actor, action, subjectId: subject, limit: 200 };
    const found = await hw.audit.list(filter, { workspaceId });
    if (!found.ok) throw refused(found);
    return found.value.entries;
  });
  if (terminal.json) terminal.print(JSON.stringify(entries));
  else if (entries.length === 0) terminal.print('Nothing was changed.');
  else
    terminal.print(
      formatTable(
        ['at', 'by', 'what', 'subject', 'fields'],
        entries.map((entry) => [
          entry.at.toISOString(),
          entry.actor ?? '',
          entry.action,
          entry.subject.id,
          Object.keys(entry.changes).join(', '),
        ]),
      ),
    );
}
