import type { WorkspaceRebuildReport } from 'headwater';

import type { ServerConfig } from '../config.ts';
import { showCounts } from '../count-progress.ts';
import { withEngine } from '../engine.ts';
import type { Log } from '../log.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { findWorkspace } from './find-workspace.ts';

/** Makes everything that follows from the events again, and says what was not as it had to be. */
export async function rebuild(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  flags: { readonly workspace?: string },
): Promise<void> {
  const progress = showCounts(process.stderr);
  const report = await withEngine(config, log, async (hw) => {
    await hw.migrate();
    const workspaceId = await findWorkspace(hw, flags.workspace);
    try {
      return await hw.rebuild({ workspaceId, onProgress: progress.show });
    } finally {
      progress.end();
    }
  });
  if (terminal.json) terminal.print(JSON.stringify(toJson(report)));
  else printReport(report, terminal);
}

const names: Readonly<Record<keyof WorkspaceRebuildReport['changed'], string>> = {
  lateClicks: 'clicks recorded after their landing',
  identities: 'visitors of another person',
  visits: 'visits',
  touches: 'touches',
  events: 'events of another visit or touch',
  visitors: 'visitors',
  conversions: 'conversions',
  visitorRevenue: 'sums of visitors',
  links: 'counters of links',
  rewards: 'entries of rewards and commissions',
  projects: 'counters of projects',
};

function printReport({ people, isComplete, changed }: WorkspaceRebuildReport, terminal: Terminal) {
  terminal.print(
    formatTable(
      ['what', 'changed'],
      Object.entries(changed).map(([what, count]) => [
        names[what as keyof typeof names],
        String(count),
      ]),
      [1],
    ),
  );
  terminal.print(`\n${people} people.`);
  if (!isComplete)
    terminal.print(
      'Some events are not kept any more: totals of links, and of visitors, stayed as they were.',
    );
}

function toJson({ people, isComplete, changed }: WorkspaceRebuildReport) {
  return {
    people,
    is_complete: isComplete,
    changed: {
      late_clicks: changed.lateClicks,
      identities: changed.identities,
      visits: changed.visits,
      touches: changed.touches,
      events: changed.events,
      visitors: changed.visitors,
      conversions: changed.conversions,
      visitor_revenue: changed.visitorRevenue,
      links: changed.links,
      rewards: changed.rewards,
      projects: changed.projects,
    },
  };
}
