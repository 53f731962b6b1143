import type { ListEventsInput } from 'headwater';
import { eventListDimensions, toListedEvent, toListEventsInput } from 'headwater/contract';

import type { ServerConfig } from '../config.ts';
import { withEngine } from '../engine.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import type { Log } from '../log.ts';
import { toPeriod } from '../program-period.ts';
import type { ReportFlags } from '../program-period.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

export interface EventListFlags extends ReportFlags {
  readonly visitor?: string;
  readonly search?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** Events, newest first, a page of them. */
export async function listEvents(
  {
    config,
    log,
    terminal,
  }: { readonly config: ServerConfig; readonly log: Log; readonly terminal: Terminal },
  flags: EventListFlags,
): Promise<void> {
  const found = await withEngine(config, log, async (hw) => {
    await hw.migrate();
    return hw.events.list(toInput(flags));
  });
  if (!found.ok) throw new CommandFailure(found.message, exitCodes.misused);
  const { events, nextCursor } = found.value;
  if (terminal.json) {
    terminal.print(
      JSON.stringify({ events: events.map(toListedEvent), next_cursor: nextCursor ?? null }),
    );
    return;
  }
  terminal.print(
    formatTable(
      ['when', 'type', 'name', 'channel', 'source', 'page', 'person'],
      events.map((event) => [
        event.occurredAt.toISOString(),
        event.type,
        event.name ?? '',
        event.channel ?? '',
        event.source ?? '',
        event.url ?? '',
        event.machine ?? event.personId ?? '',
      ]),
    ),
  );
  if (nextCursor !== undefined) terminal.print(`\n--cursor ${nextCursor} shows the next ones`);
}

function toInput(flags: EventListFlags): ListEventsInput {
  const { visitor, search, limit, cursor } = flags;
  const filters = flags.filter.map(({ dimension, values, exclude }) => {
    const known = eventListDimensions.find((each) => each === dimension);
    if (known === undefined)
      throw new CommandFailure(
        `--filter must be on one of ${eventListDimensions.join(', ')}: ${dimension}`,
        exitCodes.misused,
      );
    return { dimension: known, values: [...values], exclude };
  });
  return toListEventsInput({
    ...toPeriod(flags),
    filters,
    visitor_id: visitor,
    search,
    cursor,
    limit,
    offset: 0,
  });
}
