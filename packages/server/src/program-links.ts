import { Option } from 'commander';
import type { Command } from 'commander';

import type { ServerConfig } from './config.ts';
import type { Log } from './log.ts';
import type { Terminal } from './terminal.ts';

interface Flags {
  readonly data?: string;
  readonly json?: boolean;
}

type Surround = (flags: Flags) => { config: ServerConfig; log: Log; terminal: Terminal };

/** `headwater links …` and `headwater audit` */
export function addLinks(
  program: Command,
  common: (command: Command) => Command,
  surround: Surround,
): void {
  const links = program
    .command('links')
    .description('links: export, folders, tags, history, roll back');
  const workspace = '--workspace <workspace>';
  const workspaceHelp = 'id or slug; the first one without it';

  common(links.command('export'))
    .description(
      'all links as data, as redirects of another server, or as a signed snapshot for serve --snapshot',
    )
    .addOption(
      new Option('--format <format>', 'what is written')
        .choices(['csv', 'json', 'ndjson', 'nginx', 'caddy', 'netlify', 'snapshot'])
        .default('csv'),
    )
    .option('--out <file>', 'write to this file, whole or not at all; standard output without it')
    .option('--archived', 'the archived ones too, in csv, json and ndjson')
    .option(workspace, workspaceHelp)
    .action(async (flags: Flags & ExportLinksArguments) => {
      const { config, log } = surround(flags);
      const { exportLinks } = await import('./commands/links.ts');
      await exportLinks(config, log, flags);
    });

  common(links.command('folders'))
    .description('the folders, each with how many links are in it')
    .option(workspace, workspaceHelp)
    .action(async (flags: Flags & InWorkspaceFlag) => {
      const { config, log, terminal } = surround(flags);
      const { listFolders } = await import('./commands/links.ts');
      await listFolders(config, log, terminal, flags);
    });

  common(links.command('tags'))
    .description('the tags, each with how many links have it')
    .option('--rename <old=new>', 'give links another tag in the place of this one')
    .option('--delete <tag>', 'take a tag off every link')
    .option(workspace, workspaceHelp)
    .action(async (flags: Flags & TagFlags) => {
      const { config, log, terminal } = surround(flags);
      const { changeTags } = await import('./commands/links.ts');
      await changeTags(config, log, terminal, flags);
    });

  common(links.command('history'))
    .description('what was done to a link, by whom and when')
    .argument('<id>')
    .option('--roll-back <version>', 'give the settings of a version back')
    .option(workspace, workspaceHelp)
    .action(async (id: string, flags: Flags & HistoryFlags) => {
      const { config, log, terminal } = surround(flags);
      const { showHistory } = await import('./commands/links.ts');
      await showHistory(config, log, terminal, { ...flags, id });
    });

  common(program.command('audit'))
    .description('who changed what, newest first')
    .option('--actor <actor>', 'the id of an API key, or "user <id>"')
    .option('--action <action>', 'for example link.updated')
    .option('--subject <id>', 'what was changed')
    .option(workspace, workspaceHelp)
    .action(async (flags: Flags & AuditFlags) => {
      const { config, log, terminal } = surround(flags);
      const { showAudit } = await import('./commands/audit.ts');
      await showAudit(config, log, terminal, flags);
    });
}

interface InWorkspaceFlag {
  readonly workspace?: string;
}

export interface ExportLinksArguments extends InWorkspaceFlag {
  readonly format: 'csv' | 'json' | 'ndjson' | 'nginx' | 'caddy' | 'netlify' | 'snapshot';
  readonly out?: string;
  readonly archived?: boolean;
}

export interface TagFlags extends InWorkspaceFlag {
  readonly rename?: string;
  readonly delete?: string;
}

export interface HistoryFlags extends InWorkspaceFlag {
  readonly rollBack?: string;
}

export interface AuditFlags extends InWorkspaceFlag {
  readonly actor?: string;
  readonly action?: string;
  readonly subject?: string;
}
