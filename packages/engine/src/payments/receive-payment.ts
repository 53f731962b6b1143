import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { seal } from '../security/keyring.ts';
import type { TelemetrySpan } from '../telemetry/telemetry.ts';
import { applyPayment } from './apply-payments.ts';
import { factProblem } from './check-fact.ts';
import type { PaymentFact, SignedMessage } from './payment-provider.ts';
import { providerOf } from './payment-providers.ts';
import { openSecrets, paymentSourceNotFound } from './payment-sources.ts';
import type { PaymentSourceNotFound } from './payment-sources.ts';
import { findPaymentSource, insertPaymentMessage } from './payment-store.ts';

export type ReceivePaymentRefusal =
  | PaymentSourceNotFound
  | (Refusal & { readonly code: 'unauthorized' | 'malformed_json' });

type Received = Result<
  { readonly outcome: 'accepted' | 'duplicate' | 'ignored' },
  ReceivePaymentRefusal
>;

interface PaymentAddress {
  readonly workspaceId: string;
  readonly sourceId: string;
}

/**
 * Takes a message of a payment provider: checks who signed it, stores it, and applies it. It is stored before the answer,
 * so a provider that was answered need not send it again; one that does changes nothing.
 */
export function receivePayment(
  context: Context,
  where: PaymentAddress,
  message: SignedMessage,
): Promise<Received> {
  return context.telemetry.within('receive payment message', { kind: 'consumer' }, async (span) => {
    const received = await receive(context, where, message, span);
    span.note({ 'headwater.outcome': received.ok ? received.value.outcome : received.code });
    return received;
  });
}

async function receive(
  context: Context,
  where: PaymentAddress,
  message: SignedMessage,
  span: TelemetrySpan,
): Promise<Received> {
  const { db } = context.database;
  const { workspaceId, sourceId } = where;
  const workspace = isUuid(workspaceId) ? await context.workspaces.get(workspaceId) : undefined;
  if (workspace === undefined || !isUuid(sourceId)) return paymentSourceNotFound();
  const source = await findPaymentSource(db, workspace.id, sourceId);
  if (source === undefined || source.archivedAt !== null) return paymentSourceNotFound();
  const provider = providerOf(context, source.provider);
  if (provider === undefined) return paymentSourceNotFound();
  span.note({
    'headwater.workspace_id': workspace.id,
    'headwater.payment_provider': source.provider,
  });
  const now = context.clock.now();
  if (!provider.isSigned(message, openSecrets(context.keyring, source, now), now))
    return refuse('unauthorized', 'The signature is not one of this payment source.');
  const read = readMessage(() => provider.read(JSON.parse(message.text)));
  if (read === undefined)
    return refuse('malformed_json', 'The body is no message of this payment provider.');

  const { id, type, mode } = read;
  const fact = read.fact && notAhead(read.fact, now);
  const problem = read.problem ?? (fact === undefined ? undefined : factProblem(fact));
  const ignored =
    mode !== source.mode ? 'other_mode' : fact === undefined ? 'other_type' : undefined;
  const reason = problem ?? ignored ?? null;
  const isNew = await insertPaymentMessage(db, {
    workspace_id: workspace.id,
    source_id: source.id,
    id,
    type,
    status: problem !== undefined ? 'failed' : ignored !== undefined ? 'ignored' : 'waiting',
    reason,
    facts: reason === null ? seal(workspace.dataKey, Buffer.from(JSON.stringify(fact))) : null,
    now: new Date(now),
  });
  if (!isNew) return ok({ outcome: 'duplicate' });
  if (reason !== null) return ok({ outcome: 'ignored' });
  // What waits for this one is applied after it: a refund that came before its sale.
  await applyPayment(context, workspace, { sourceId: source.id, id });
  return ok({ outcome: 'accepted' });
}

/** The provider's clock may be ahead of ours, and reports end now. */
function notAhead(fact: PaymentFact, now: number): PaymentFact {
  return fact.kind === 'names' ? fact : { ...fact, occurredAt: Math.min(fact.occurredAt, now) };
}

function readMessage<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
