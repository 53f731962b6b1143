import { showCounts } from '../count-progress.ts';
import type { ServerConfig } from '../config.ts';
import { withEngine } from '../engine.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import type { Log } from '../log.ts';
import type { Terminal } from '../terminal.ts';
import { findWorkspace } from './find-workspace.ts';

export interface ReclassifyFlags {
  readonly workspace?: string;
  readonly from?: string;
  readonly to?: string;
  readonly dryRun?: boolean;
}

/** Classifies the touches of the past anew, under the rules of now. */
export async function reclassify(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  { workspace, from, to, dryRun = false }: ReclassifyFlags,
): Promise<void> {
  const span = { from: toTime('from', from), to: toTime('to', to) };
  const progress = showCounts(process.stderr);
  const done = await withEngine(config, log, async (hw) => {
    await hw.migrate();
    const workspaceId = await findWorkspace(hw, workspace);
    try {
      return await hw.sources.reclassify({
        workspaceId,
        ...span,
        dryRun,
        onProgress: (counts) => {
          progress.show({ step: 'touches', ...counts });
        },
      });
    } finally {
      progress.end();
    }
  });
  if (!done.ok) throw new CommandFailure(done.message, exitCodes.misused);
  const { touches, changed, left } = done.value;
  if (terminal.json) {
    terminal.print(JSON.stringify({ touches, changed, left }));
    return;
  }
  terminal.print(
    `${changed} of ${touches} touches ${dryRun ? 'would be' : 'are'} classified otherwise.`,
  );
  if (left > 0)
    terminal.print(`${left} were left: what they were classified by is not kept any more.`);
}

function toTime(flag: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new CommandFailure(
      `--${flag} must be a day or a time as in RFC 3339.`,
      exitCodes.misused,
    );
  return time;
}
