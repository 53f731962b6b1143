import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

import type { Headwater, PersonReference } from 'headwater';

import type { ServerConfig } from '../config.ts';
import { withEngine } from '../engine.ts';
import { CommandFailure } from '../failure.ts';
import type { Log } from '../log.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

/** Whom a command is about, as its options name them. */
export interface PersonFlags {
  readonly visitor?: string;
  readonly externalId?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly anonymousId?: string;
}

/** One JSON document, to standard output or to a file that only its owner can read. */
export async function exportPerson(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  flags: PersonFlags & { readonly out?: string },
): Promise<void> {
  const exported = await withMigratedEngine(config, log, (hw) =>
    hw.privacy.export(toReference(flags)),
  );
  if (!exported.ok) throw refused(exported);
  const text = JSON.stringify(exported.value, undefined, terminal.json ? undefined : 2);
  if (flags.out === undefined) {
    terminal.print(text);
    return;
  }
  const file = createWriteStream(flags.out, { mode: 0o600, flags: 'wx' });
  await once(file, 'open');
  file.end(`${text}\n`);
  await finished(file);
  if (!terminal.json) terminal.print(`Written to ${flags.out}.`);
}

export async function forgetPerson(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  flags: PersonFlags,
): Promise<void> {
  const forgotten = await withMigratedEngine(config, log, (hw) =>
    hw.privacy.forget(toReference(flags), { actor: 'command line' }),
  );
  if (!forgotten.ok) throw refused(forgotten);
  const { id, erasedAt, rows } = forgotten.value;
  if (terminal.json) {
    terminal.print(JSON.stringify({ id, erased_at: erasedAt, rows }));
    return;
  }
  terminal.print(`Receipt ${id}, ${erasedAt.toISOString()}`);
  terminal.print(
    formatTable(
      ['table', 'rows'],
      Object.entries(rows).map(([table, count]) => [table, String(count)]),
    ),
  );
}

export async function liftErasure(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  { externalId, email, phone, anonymousId }: PersonFlags,
): Promise<void> {
  const lifted = await withMigratedEngine(config, log, (hw) =>
    hw.privacy.lift({
      ...(externalId !== undefined && { externalId }),
      ...(email !== undefined && { email }),
      ...(phone !== undefined && { phone }),
      ...(anonymousId !== undefined && { anonymousId }),
    }),
  );
  if (!lifted.ok) throw refused(lifted);
  const { kinds } = lifted.value;
  if (terminal.json) terminal.print(JSON.stringify({ kinds }));
  else
    terminal.print(
      kinds.length === 0 ? 'Nobody was kept out by these.' : `Let in again: ${kinds.join(', ')}.`,
    );
}

export async function printStatement(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
): Promise<void> {
  const statement = await withMigratedEngine(config, log, (hw) => hw.privacy.statement());
  if (terminal.json) {
    terminal.print(JSON.stringify(statement));
    return;
  }
  terminal.print(`What is stored of people (${statement.rules.preset}):\n`);
  for (const sentence of statement.sentences) terminal.print(`- ${sentence}`);
  terminal.print('');
  terminal.print(
    formatTable(
      ['table', 'when forgotten', 'what'],
      statement.tables
        .filter(({ holds }) => holds === 'people')
        .map(({ name, says, whenForgotten }) => [name, whenForgotten ?? '', says]),
    ),
  );
}

function toReference({ visitor, ...rest }: PersonFlags): PersonReference {
  const { externalId, email, phone, anonymousId } = rest;
  return { visitorId: visitor, externalId, email, phone, anonymousId };
}

function withMigratedEngine<T>(
  config: ServerConfig,
  log: Log,
  work: (hw: Headwater) => Promise<T>,
): Promise<T> {
  return withEngine(config, log, async (hw) => {
    await hw.migrate();
    return work(hw);
  });
}

function refused(refusal: { readonly code: string; readonly message: string }): CommandFailure {
  return new CommandFailure(
    refusal.code === 'validation_failed'
      ? 'name the person by one of --visitor, --external-id, --email, --phone and --anonymous-id'
      : refusal.message,
  );
}
