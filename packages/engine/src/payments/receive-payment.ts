import type { Context } from '../context.ts';
import { isUuid } from '../kernel/id.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { seal } from '../security/keyring.ts';
import { applyPayments } from './apply-payments.ts';
import type { SignedMessage } from './payment-provider.ts';
import { providerOf } from './payment-providers.ts';
import { openSecrets, paymentSourceNotFound } from './payment-sources.ts';
import type { PaymentSourceNotFound } from './payment-sources.ts';
import { findPaymentSource, insertPaymentMessage } from './payment-store.ts';

export type ReceivePaymentRefusal =
  | PaymentSourceNotFound
  | (Refusal & { readonly code: 'signature_invalid' | 'malformed_json' });

/**
 * Takes a message of a payment provider: checks who signed it, stores it, and applies it. It is stored before the answer,
 * so a provider that was answered need not send it again; one that does changes nothing.
 */
export async function receivePayment(
  context: Context,
  where: { readonly workspaceId: string; readonly sourceId: string },
  message: SignedMessage,
): Promise<
  Result<{ readonly outcome: 'accepted' | 'duplicate' | 'ignored' }, ReceivePaymentRefusal>
> {
  const { db } = context.database;
  const { workspaceId, sourceId } = where;
  const workspace = isUuid(workspaceId) ? await context.workspaces.get(workspaceId) : undefined;
  if (workspace === undefined || !isUuid(sourceId)) return paymentSourceNotFound();
  const source = await findPaymentSource(db, workspace.id, sourceId);
  if (source === undefined || source.archivedAt !== null) return paymentSourceNotFound();
  const provider = providerOf(context, source.provider);
  if (provider === undefined) return paymentSourceNotFound();
  const now = context.clock.now();
  if (!provider.isSigned(message, openSecrets(context.keyring, source), now))
    return refuse('signature_invalid', 'The signature is not one of this payment source.');
  const read = readMessage(() => provider.read(JSON.parse(message.text)));
  if (read === undefined)
    return refuse('malformed_json', 'The body is no message of this payment provider.');

  const { id, type, mode, fact } = read;
  const ignored =
    fact === undefined ? 'other_type' : mode === source.mode ? undefined : 'other_mode';
  const isNew = await insertPaymentMessage(db, {
    workspace_id: workspace.id,
    source_id: source.id,
    id,
    type,
    status: ignored === undefined ? 'waiting' : 'ignored',
    reason: ignored ?? null,
    facts:
      ignored === undefined ? seal(workspace.dataKey, Buffer.from(JSON.stringify(fact))) : null,
    now: new Date(now),
  });
  if (!isNew) return ok({ outcome: 'duplicate' });
  if (ignored !== undefined) return ok({ outcome: 'ignored' });
  // What waits for this one can be applied after it: a refund that came before its sale.
  await applyPayments(context, workspace, { sourceId: source.id });
  return ok({ outcome: 'accepted' });
}

function readMessage<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
