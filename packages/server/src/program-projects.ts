import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';

import type { CreateProjectArguments } from './commands/projects.ts';
import type { ServerConfig } from './config.ts';
import type { Log } from './log.ts';
import type { Terminal } from './terminal.ts';

interface Flags {
  readonly data?: string;
  readonly json?: boolean;
}

/** `headwater projects …` */
export function addProjects(
  program: Command,
  common: (command: Command) => Command,
  surround: (flags: Flags) => { config: ServerConfig; log: Log; terminal: Terminal },
): void {
  const projects = program
    .command('projects')
    .description('projects that servers track for: list, create, archive');

  common(projects.command('list'))
    .description('with their counters, newest first')
    .option('--archived', 'the archived ones too')
    .action(async (flags: Flags & { archived?: boolean }) => {
      const { config, log, terminal } = surround(flags);
      const { listProjects } = await import('./commands/projects.ts');
      await listProjects(config, log, terminal, flags);
    });

  common(projects.command('create'))
    .description('make a project, which the tracking endpoint takes events for')
    .argument('<slug>', 'what clients name it by')
    .option('--name <name>', 'what people call it')
    .option(
      '--type <type=kind>',
      'a type of events of its own: a registration, sale, lead or custom; may be given several times',
      addType,
      {},
    )
    .option('--prefix <text>', 'stands before its user ids, where projects share none')
    .action(async (slug: string, flags: Flags & Omit<CreateProjectArguments, 'slug'>) => {
      const { config, log, terminal } = surround(flags);
      const { createProject } = await import('./commands/projects.ts');
      await createProject(config, log, terminal, { ...flags, slug });
    });

  common(projects.command('archive'))
    .description('take no more events for it; its numbers stay')
    .argument('<slug>')
    .action(async (slug: string, flags: Flags) => {
      const { config, log, terminal } = surround(flags);
      const { archiveProject } = await import('./commands/projects.ts');
      await archiveProject(config, log, terminal, slug);
    });
}

function addType(text: string, before: Record<string, string>): Record<string, string> {
  const [type, kind, ...more] = text.split('=');
  if (!type || !kind || more.length > 0) throw new InvalidArgumentError('type=kind.');
  return { ...before, [type]: kind };
}
