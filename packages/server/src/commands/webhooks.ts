import type { WebhookDelivery, WebhookEndpoint } from 'headwater';

import type { ServerConfig } from '../config.ts';
import type { Log } from '../log.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { refused, withMigratedEngine } from './invitations.ts';

export interface CreateWebhookArguments {
  readonly url: string;
  readonly type: readonly string[];
  readonly description?: string;
}

export async function listWebhooks(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
): Promise<void> {
  const page = await withMigratedEngine(config, log, (hw) => hw.webhooks.list({ limit: 200 }));
  if (!page.ok) throw refused(page);
  const { webhooks } = page.value;
  if (terminal.json) terminal.print(JSON.stringify(webhooks.map(toJson)));
  else if (webhooks.length === 0)
    terminal.print('There are no webhooks. `headwater webhooks create <url>` makes one.');
  else
    terminal.print(
      formatTable(
        ['id', 'url', 'told of', 'status'],
        webhooks.map((webhook) => [
          webhook.id,
          webhook.url,
          webhook.eventTypes.join(', '),
          webhook.disabledReason === null ? webhook.status : `disabled: ${webhook.disabledReason}`,
        ]),
      ),
    );
}

export async function createWebhook(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  { url, type, description }: CreateWebhookArguments,
): Promise<void> {
  const created = await withMigratedEngine(config, log, (hw) =>
    hw.webhooks.create({
      url,
      description,
      eventTypes: type.length === 0 ? undefined : type,
    }),
  );
  if (!created.ok) throw refused(created);
  const { value } = created;
  if (terminal.json) terminal.print(JSON.stringify({ ...toJson(value), secret: value.secret }));
  else
    terminal.print(
      `${value.id}\n${value.secret}\n\nThe secret signs the messages (Standard Webhooks). It is shown this once.`,
    );
}

export async function changeWebhook(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  { id, verb }: { readonly id: string; readonly verb: 'test' | 'enable' | 'archive' },
): Promise<void> {
  await withMigratedEngine(config, log, async (hw) => {
    if (verb === 'test') {
      const tested = await hw.webhooks.test(id);
      if (!tested.ok) throw refused(tested);
      printDelivery(terminal, tested.value);
      return;
    }
    const changed =
      verb === 'archive'
        ? await hw.webhooks.archive(id)
        : await hw.webhooks.update(id, { status: 'enabled' });
    if (!changed.ok) throw refused(changed);
    terminal.print(
      terminal.json
        ? JSON.stringify(toJson(changed.value))
        : `${changed.value.url} is ${verb === 'archive' ? 'archived' : 'enabled'}.`,
    );
  });
}

export async function listWebhookDeliveries(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  flags: { readonly id: string; readonly status?: string; readonly limit: number },
): Promise<void> {
  const status = flags.status as WebhookDelivery['status'] | undefined;
  const page = await withMigratedEngine(config, log, (hw) =>
    hw.webhooks.deliveries(flags.id, { limit: flags.limit, status }),
  );
  if (!page.ok) throw refused(page);
  const { deliveries } = page.value;
  if (terminal.json) terminal.print(JSON.stringify(deliveries));
  else if (deliveries.length === 0) terminal.print('Nothing was sent yet.');
  else
    terminal.print(
      formatTable(
        ['id', 'type', 'made', 'status', 'attempts', 'next'],
        deliveries.map((delivery) => [
          delivery.id,
          delivery.eventType,
          delivery.createdAt.toISOString(),
          delivery.reason === null ? delivery.status : `${delivery.status}: ${delivery.reason}`,
          String(delivery.attempts),
          delivery.status === 'waiting' ? delivery.dueAt.toISOString() : '',
        ]),
      ),
    );
}

export async function redeliverWebhook(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  id: string,
): Promise<void> {
  const sent = await withMigratedEngine(config, log, (hw) => hw.webhooks.redeliver(id));
  if (!sent.ok) throw refused(sent);
  printDelivery(terminal, sent.value);
}

function printDelivery(terminal: Terminal, delivery: WebhookDelivery): void {
  const last = delivery.log.at(-1);
  if (terminal.json) terminal.print(JSON.stringify(delivery));
  else if (delivery.status === 'delivered')
    terminal.print(`Delivered: ${last?.status} after ${last?.milliseconds} ms.`);
  else terminal.print(`Not delivered: ${delivery.reason ?? 'it waits'}.`);
}

function toJson(webhook: WebhookEndpoint) {
  return {
    id: webhook.id,
    url: webhook.url,
    description: webhook.description,
    event_types: webhook.eventTypes,
    status: webhook.status,
    disabled_reason: webhook.disabledReason,
  };
}
