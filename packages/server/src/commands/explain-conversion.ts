import { toConversionExplanationResponse } from 'headwater/contract';

import type { ServerConfig } from '../config.ts';
import { withEngine } from '../engine.ts';
import type { Log } from '../log.ts';
import { formatRevenue } from '../revenue.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { refused, toModels } from './attribution-flags.ts';

/** Why a conversion is credited as it is. */
export async function explainConversion(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  { id, models }: { readonly id: string; readonly models?: string },
): Promise<void> {
  const found = await withEngine(config, log, async (hw) => {
    await hw.migrate();
    return hw.attribution.explain(id, toModels(models));
  });
  if (!found.ok) throw refused(found);
  if (terminal.json) {
    terminal.print(JSON.stringify(toConversionExplanationResponse(found.value)));
    return;
  }
  const { conversion, balance, reason, candidates, models: verdicts, evidence } = found.value;
  const { currency } = conversion;
  const money = (amountMinor: bigint): string =>
    currency === undefined ? '' : formatRevenue([{ currency, amountMinor }]);
  const numberOf = new Map(candidates.map((candidate, index) => [candidate.id, String(index + 1)]));
  terminal.print(
    `${conversion.goal} of ${new Date(conversion.occurredAt).toISOString()} ${money(conversion.amountMinor ?? 0n)}`.trimEnd(),
  );
  if (balance.reversals.length > 0)
    terminal.print(`left after refunds: ${money(balance.netMinor)}`);
  terminal.print(`${reason}\n`);
  terminal.print(
    formatTable(
      ['', 'touch', 'kind', 'channel', 'source', 'verdict'],
      candidates.map((candidate) => [
        numberOf.get(candidate.id) ?? '',
        candidate.occurredAt.toISOString(),
        candidate.kind,
        candidate.channel ?? '',
        candidate.source ?? '',
        candidate.verdict === 'eligible' ? 'may earn credit' : candidate.reason,
      ]),
    ),
  );
  for (const { key, winnerId, credits } of verdicts) {
    terminal.print(
      `\n${key}: ${winnerId === undefined ? 'nobody' : `touch ${numberOf.get(winnerId)}`}`,
    );
    terminal.print(
      formatTable(
        ['', 'part', 'amount', 'why'],
        credits.map((credit) => [
          numberOf.get(credit.touchId) ?? '',
          `${(credit.weight * 100).toFixed(1)} %`,
          money(credit.amountMinor),
          credit.reason,
        ]),
        [1, 2],
      ),
    );
  }
  if (evidence === undefined) return;
  terminal.print('\nwhy it is one person:');
  terminal.print(
    formatTable(
      ['visitor', 'known by', 'since'],
      evidence.identifiers.map(({ visitorId, kind, value, firstSeenAt }) => [
        visitorId,
        value === undefined ? kind : `${kind} ${value}`,
        firstSeenAt.toISOString(),
      ]),
    ),
  );
  for (const merge of evidence.merges)
    terminal.print(
      `${merge.loserId} joined ${merge.winnerId} by event ${merge.eventId} (${merge.reason})${merge.undoneAt === undefined ? '' : ', undone'}`,
    );
}
