import type { PaymentSource, ReceivedPayment } from 'headwater';

import type { ServerConfig } from '../config.ts';
import type { Log } from '../log.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { refused, withMigratedEngine } from './invitations.ts';

export type PaymentStatus = ReceivedPayment['status'];

export interface CreatePaymentSourceArguments {
  readonly provider: string;
  readonly name?: string;
  readonly mode: 'live' | 'test';
  readonly ignorePayerReference?: boolean;
}

export async function listPayments(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
): Promise<void> {
  const sources = await withMigratedEngine(config, log, (hw) => hw.payments.list());
  if (terminal.json)
    terminal.print(JSON.stringify(sources.map((source) => toJson(source, config))));
  else if (sources.length === 0)
    terminal.print('There are no payment sources. `headwater payments create stripe` makes one.');
  else
    terminal.print(
      formatTable(
        ['id', 'provider', 'name', 'mode', 'address'],
        sources.map((source) => [
          source.id,
          source.provider,
          source.name,
          source.mode,
          addressOf(source, config),
        ]),
      ),
    );
}

export async function createPayments(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  { provider, name, mode, ignorePayerReference }: CreatePaymentSourceArguments,
): Promise<void> {
  const created = await withMigratedEngine(config, log, (hw) =>
    hw.payments.create({
      provider,
      name,
      mode,
      payerReference: ignorePayerReference === true ? 'ignored' : 'trusted',
    }),
  );
  if (!created.ok) throw refused(created);
  const { value } = created;
  terminal.print(
    terminal.json
      ? JSON.stringify(toJson(value, config))
      : `${value.id}\n${addressOf(value, config)}\n\nNothing is taken there before the signing secret is known: headwater payments secret ${value.id}`,
  );
}

/** From standard input, so that no secret stands in the history of a shell or in the list of processes. */
export async function setPaymentSecret(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  id: string,
): Promise<void> {
  process.stdin.setEncoding('utf8');
  let text = '';
  for await (const chunk of process.stdin) text += String(chunk);
  const added = await withMigratedEngine(config, log, (hw) =>
    hw.payments.addSecret(id, { secret: text.trim() }),
  );
  if (!added.ok) throw refused(added);
  terminal.print(
    terminal.json
      ? JSON.stringify(toJson(added.value, config))
      : `${added.value.name} takes what this secret signs, and for a day more what the one before does.`,
  );
}

export async function listPaymentLog(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  {
    id,
    status,
    limit,
    cursor,
  }: {
    readonly id: string;
    readonly status?: PaymentStatus;
    readonly limit: number;
    readonly cursor?: string;
  },
): Promise<void> {
  const page = await withMigratedEngine(config, log, (hw) =>
    hw.payments.messages(id, { status, limit, cursor }),
  );
  if (!page.ok) throw refused(page);
  const { messages, nextCursor } = page.value;
  if (terminal.json) {
    terminal.print(
      JSON.stringify({ messages: messages.map(toMessageJson), next_cursor: nextCursor }),
    );
    return;
  }
  if (messages.length === 0) {
    terminal.print('Nothing has arrived.');
    return;
  }
  terminal.print(
    formatTable(
      ['id', 'type', 'received', 'status', 'attempts'],
      messages.map((message) => [
        message.id,
        message.type,
        message.receivedAt.toISOString(),
        message.reason === null ? message.status : `${message.status}: ${message.reason}`,
        String(message.attempts),
      ]),
    ),
  );
  if (nextCursor !== undefined) terminal.print(`\nIt goes on with --cursor ${nextCursor}`);
}

export async function archivePayments(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  id: string,
): Promise<void> {
  const archived = await withMigratedEngine(config, log, (hw) => hw.payments.archive(id));
  if (!archived.ok) throw refused(archived);
  terminal.print(
    terminal.json
      ? JSON.stringify(toJson(archived.value, config))
      : `${archived.value.name} is archived.`,
  );
}

/** What the provider is told. */
function addressOf({ path }: PaymentSource, { publicUrl, basePath }: ServerConfig): string {
  return `${publicUrl}${basePath}${path}`;
}

function toJson(source: PaymentSource, config: ServerConfig) {
  return {
    id: source.id,
    provider: source.provider,
    name: source.name,
    mode: source.mode,
    payer_reference: source.payerReference,
    url: addressOf(source, config),
  };
}

function toMessageJson(message: ReceivedPayment) {
  return {
    id: message.id,
    type: message.type,
    status: message.status,
    reason: message.reason,
    visitor_id: message.visitorId,
    attempts: message.attempts,
    received_at: message.receivedAt,
  };
}
