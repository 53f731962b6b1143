import { Option } from 'commander';
import type { Command } from 'commander';

import type { AttributionFlags } from './commands/attribution-flags.ts';
import type { ServerConfig } from './config.ts';
import type { Log } from './log.ts';
import { addFilters, addPeriod } from './program-period.ts';
import type { Terminal } from './terminal.ts';

const dimensions = [
  'channel',
  'source',
  'medium',
  'campaign',
  'content',
  'term',
  'link',
  'partner',
  'referrer',
  'country',
  'region',
  'city',
  'language',
  'device_type',
  'browser',
  'system',
  'in_app',
  'invitation',
];

/** `headwater attribution …`: what each source is worth. */
export function addAttribution(
  program: Command,
  common: (command: Command) => Command,
  surround: (flags: AttributionFlags) => { config: ServerConfig; log: Log; terminal: Terminal },
): void {
  const attribution = program
    .command('attribution')
    .description('what each source is worth: report, paths, credits, visitor, models, model');
  const asked = (command: Command): Command =>
    addFilters(addPeriod(common(command)))
      .option('--goals <list>', 'lead, sale, registration (sale)')
      .addOption(
        new Option('--dimension <dimension>', 'what is counted by (channel)').choices(dimensions),
      )
      .option('--click-lookback <days>', 'how far back a touch may lie', Number)
      .option('--view-lookback <days>', 'the same for views', Number)
      .option('--as-of <time>', 'as known then, a time as in RFC 3339');
  const models = '--models <list>';
  const modelsHelp = 'as in first_touch,time_decay(half_life_days=14) (last_non_direct)';

  asked(attribution.command('report').option(models, modelsHelp))
    .description('conversions and money by channel, campaign, link …, under one model or several')
    .option('--compare', 'with the period before')
    .addOption(
      new Option('--sort <by>', 'order of the rows').choices(['conversions', 'revenue', 'value']),
    )
    .option('--limit <rows>', 'how many rows (100)', Number)
    .addOption(
      new Option('--format <format>', 'every row, for other programs').choices(['csv', 'ndjson']),
    )
    .action(async (flags: AttributionFlags) => {
      const { config, log, terminal } = surround(flags);
      const { printReport } = await import('./commands/attribution.ts');
      await printReport(config, log, terminal, flags);
    });

  asked(attribution.command('paths'))
    .description('the ways that led to conversions, how long they are, how much time they took')
    .option('--once', 'the same step several times in a row counts once')
    .option('--limit <paths>', 'how many paths (20)', Number)
    .addOption(
      new Option('--format <format>', 'every path, for other programs').choices(['csv', 'ndjson']),
    )
    .action(async (flags: AttributionFlags) => {
      const { config, log, terminal } = surround(flags);
      const { printPaths } = await import('./commands/attribution.ts');
      await printPaths(config, log, terminal, flags);
    });

  asked(attribution.command('credits').option(models, modelsHelp))
    .description('every row of credit, and of what took it back')
    .addOption(new Option('--format <format>').choices(['csv', 'ndjson']).default('ndjson'))
    .action(async (flags: AttributionFlags) => {
      const { config, log } = surround(flags);
      const { exportCredits } = await import('./commands/attribution.ts');
      await exportCredits(config, log, flags);
    });

  common(attribution.command('visitor').option(models, modelsHelp))
    .description('the conversions of a person, with the credit of each touch')
    .argument('<id>', "the id of any of the person's visitors")
    .action(async (id: string, flags: AttributionFlags) => {
      const { config, log, terminal } = surround(flags);
      const { printVisitor } = await import('./commands/attribution.ts');
      await printVisitor(config, log, terminal, { ...flags, id });
    });

  common(attribution.command('models'))
    .description('every model, with its parameters; needs no database')
    .action(async (flags: AttributionFlags) => {
      const { terminal } = surround(flags);
      const { printModels } = await import('./commands/attribution-model.ts');
      printModels(terminal);
    });

  common(attribution.command('model'))
    .description('a model on paths of your own; needs no database')
    .argument('<model>', 'as in markov(order=2)')
    .argument(
      '<file>',
      'a path on each line: {"channels":["a","b"],"conversions":3,"nulls":10}; or -',
    )
    .action(async (model: string, file: string, flags: AttributionFlags) => {
      const { terminal } = surround(flags);
      const { creditOwnPaths } = await import('./commands/attribution-model.ts');
      await creditOwnPaths(terminal, { model, file });
    });
}
