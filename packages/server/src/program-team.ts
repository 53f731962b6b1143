import { type Command, Option } from 'commander';

import { roles } from './auth/role.ts';
import type { Role } from './auth/role.ts';
import type { TeamFlags } from './commands/team.ts';
import type { ServerConfig } from './config.ts';
import type { Log } from './log.ts';
import type { Terminal } from './terminal.ts';

interface Flags {
  readonly data?: string;
  readonly json?: boolean;
}

type Common = (command: Command) => Command;
type Surround = (flags: Flags) => { config: ServerConfig; log: Log; terminal: Terminal };

/** `headwater team …` and `headwater owner-link` */
export function addTeam(program: Command, common: Common, surround: Surround): void {
  const team = program
    .command('team')
    .description('who may sign in to a workspace: list, invite, role, remove');
  const ofWorkspace = (command: Command): Command =>
    common(command).option('--workspace <workspace>', 'id or slug; the first one without it');

  ofWorkspace(team.command('list'))
    .description('members and open invitations')
    .action(async (flags: Flags & TeamFlags) => {
      const { config, log, terminal } = surround(flags);
      const { listTeam } = await import('./commands/team.ts');
      await listTeam(config, log, terminal, flags);
    });

  ofWorkspace(team.command('invite'))
    .description('invite somebody: by mail where SMTP_URL is set, else print the link')
    .argument('<email>')
    .addOption(
      new Option('--role <role>', 'what they may do').choices([...roles]).default('member'),
    )
    .action(async (email: string, flags: Flags & TeamFlags & { role: Role }) => {
      const { config, log, terminal } = surround(flags);
      const { inviteMember } = await import('./commands/team.ts');
      await inviteMember(config, log, terminal, { ...flags, email });
    });

  ofWorkspace(team.command('role'))
    .description('give a member another role')
    .argument('<email>')
    .addArgument(program.createArgument('<role>').choices([...roles]))
    .action(async (email: string, role: Role, flags: Flags & TeamFlags) => {
      const { config, log, terminal } = surround(flags);
      const { changeMemberRole } = await import('./commands/team.ts');
      await changeMemberRole(config, log, terminal, { ...flags, email, role });
    });

  ofWorkspace(team.command('remove'))
    .description('take a member out of the team; without a team, the account goes too')
    .argument('<email>')
    .action(async (email: string, flags: Flags & TeamFlags) => {
      const { config, log, terminal } = surround(flags);
      const { removeFromTeam } = await import('./commands/team.ts');
      await removeFromTeam(config, log, terminal, { ...flags, email });
    });

  common(program.command('owner-link'))
    .description('print a link that makes an owner: for the first one, and for who is locked out')
    .action(async (flags: Flags) => {
      const { config, log, terminal } = surround(flags);
      const { printOwnerLink } = await import('./commands/team.ts');
      await printOwnerLink(config, log, terminal);
    });
}
