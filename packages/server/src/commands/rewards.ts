import { once } from 'node:events';

import { formatMoney } from 'headwater';
import type { CreateRewardRuleInput, RewardTerms } from 'headwater';
import {
  entryShape,
  exportStream,
  toBalanceResponse,
  toRewardResponse,
  toRuleResponse,
} from 'headwater/contract';

import type { ServerConfig } from '../config.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import type { Log } from '../log.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { refused, withMigratedEngine } from './invitations.ts';

export interface RewardArguments {
  readonly limit: number;
  readonly user?: string;
  readonly code?: string;
}

export interface RuleArguments {
  readonly name: string;
  readonly on: string;
  readonly referrer?: string;
  readonly referee?: string;
  readonly hold: number;
  readonly every?: boolean;
}

/** What referrals have earned, newest first. */
export async function listRewards(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  flags: RewardArguments,
): Promise<void> {
  const page = await withMigratedEngine(config, log, async (hw) => {
    await hw.referrals.rewards.settle();
    return hw.referrals.rewards.list({
      limit: flags.limit,
      sourceId: flags.code,
      ...(flags.user !== undefined && { account: ['user', flags.user] }),
    });
  });
  if (!page.ok) throw refused(page);
  const { rewards } = page.value;
  if (terminal.json) terminal.print(JSON.stringify(rewards.map(toRewardResponse)));
  else if (rewards.length === 0) terminal.print('There are no rewards.');
  else
    terminal.print(
      formatTable(
        ['id', 'who', 'side', 'granted', 'left', 'status'],
        rewards.map((reward) => [
          reward.id,
          reward.account.id ?? '(forgotten)',
          reward.side,
          amountText(reward.grantedMinor, reward.unit),
          amountText(reward.netMinor, reward.unit),
          reward.status,
        ]),
        [3, 4],
      ),
    );
}

export async function listRules(config: ServerConfig, log: Log, terminal: Terminal): Promise<void> {
  const rules = await withMigratedEngine(config, log, (hw) => hw.referrals.rewards.rules());
  if (terminal.json) terminal.print(JSON.stringify(rules.map(toRuleResponse)));
  else if (rules.length === 0) terminal.print('There are no reward rules.');
  else
    terminal.print(
      formatTable(
        ['id', 'version', 'name', 'on', 'referrer', 'referee', 'held', 'active'],
        rules.map((rule) => [
          rule.id,
          String(rule.version),
          rule.name,
          rule.trigger,
          termsText(rule.referrer),
          termsText(rule.referee),
          `${rule.holdDays} d`,
          rule.active ? 'yes' : 'no',
        ]),
        [1],
      ),
    );
}

export async function createRule(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  flags: RuleArguments,
): Promise<void> {
  const input: CreateRewardRuleInput = {
    name: flags.name,
    // The use case refuses what is no trigger, with their names.
    trigger: flags.on as CreateRewardRuleInput['trigger'],
    referrer: flags.referrer === undefined ? null : readTerms(flags.referrer, '--referrer'),
    referee: flags.referee === undefined ? null : readTerms(flags.referee, '--referee'),
    holdDays: flags.hold,
    ...(flags.every === true && { timesMax: null }),
  };
  const made = await withMigratedEngine(config, log, (hw) =>
    hw.referrals.rewards.createRule(input),
  );
  if (!made.ok) throw refused(made);
  terminal.print(
    terminal.json ? JSON.stringify(toRuleResponse(made.value)) : `Done: ${made.value.id}.`,
  );
}

export async function archiveRule(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  id: string,
): Promise<void> {
  const archived = await withMigratedEngine(config, log, (hw) =>
    hw.referrals.rewards.archiveRule(id),
  );
  if (!archived.ok) throw refused(archived);
  terminal.print(terminal.json ? JSON.stringify(toRuleResponse(archived.value)) : `Done: ${id}.`);
}

/** What a user has, of each unit. */
export async function showBalance(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  user: string,
): Promise<void> {
  const found = await withMigratedEngine(config, log, async (hw) => {
    await hw.referrals.rewards.settle();
    return hw.ledger.balances(['user', user]);
  });
  if (!found.ok) throw refused(found);
  if (terminal.json) terminal.print(JSON.stringify(found.value.map(toBalanceResponse)));
  else if (found.value.length === 0) terminal.print('The account has no entries.');
  else
    terminal.print(
      formatTable(
        ['unit', 'balance', 'held', 'available', 'paid'],
        found.value.map(({ unit, ...amounts }) => [
          unit,
          ...[
            amounts.balanceMinor,
            amounts.heldMinor,
            amounts.availableMinor,
            amounts.paidMinor,
          ].map((amountMinor) => formatMoney({ amountMinor, currency: unit })),
        ]),
        [1, 2, 3, 4],
      ),
    );
}

/** Every entry of the ledger as lines of a file, on the standard output. */
export async function exportLedger(
  config: ServerConfig,
  log: Log,
  flags: { readonly format: string; readonly user?: string },
): Promise<void> {
  const { format } = flags;
  if (format !== 'csv' && format !== 'ndjson')
    throw new CommandFailure('--format: csv or ndjson', exitCodes.misused);
  await withMigratedEngine(config, log, async (hw) => {
    await hw.referrals.rewards.settle();
    const pages = await hw.ledger.export(
      flags.user === undefined ? {} : { account: ['user', flags.user] },
    );
    if (!pages.ok) throw refused(pages);
    for await (const chunk of exportStream(format, entryShape, pages.value))
      if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
  });
}

/** `20%`, or minor units with what they are of: `1000 USD`. */
function readTerms(text: string, flag: string): RewardTerms {
  const [, percent] = /^(\d{1,3}(?:\.\d{1,2})?)%$/.exec(text) ?? [];
  if (percent !== undefined) return { percent: Number(percent) };
  const [, amount, unit] = /^(\d{1,16}) ?([A-Za-z][A-Za-z0-9_]*)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined)
    throw new CommandFailure(
      `${flag}: a percentage such as 20%, or minor units such as '1000 USD' or '50 credits'`,
      exitCodes.misused,
    );
  return { amountMinor: BigInt(amount), unit };
}

function termsText(terms: RewardTerms | null): string {
  if (terms === null) return '';
  return 'unit' in terms ? amountText(terms.amountMinor, terms.unit) : `${terms.percent} %`;
}

function amountText(amountMinor: bigint, unit: string): string {
  return `${formatMoney({ amountMinor, currency: unit })} ${unit}`;
}
