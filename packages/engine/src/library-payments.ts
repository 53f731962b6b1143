import type { Context } from './context.ts';
import type { On, ReadIn, WriteIn } from './library-scope.ts';
import { applyDuePayments } from './payments/apply-payments.ts';
import { listPaymentMessages } from './payments/list-payment-messages.ts';
import type { ListPaymentsInput } from './payments/list-payment-messages.ts';
import type { SignedMessage } from './payments/payment-provider.ts';
import {
  addPaymentSecret,
  archivePaymentSource,
  createPaymentSource,
  listPaymentSources,
} from './payments/payment-sources.ts';
import type { PaymentSourceInput } from './payments/payment-sources.ts';
import { receivePayment } from './payments/receive-payment.ts';

/** `hw.payments`. */
export function createPaymentCalls(context: Context, on: On) {
  return {
    /** Makes an address at which messages of a payment provider arrive. */
    create: (input: PaymentSourceInput, options?: WriteIn) =>
      on(options, (scope, workspace) => createPaymentSource(scope, workspace, input, options)),
    /** The sources that take messages, without their secrets. */
    list: (options?: ReadIn) =>
      on(options, (scope, workspace) => listPaymentSources(scope, workspace)),
    /** Takes a new signing secret beside the last one. */
    addSecret: (id: string, input: { readonly secret: string }, options?: WriteIn) =>
      on(options, (scope, workspace) => addPaymentSecret(scope, workspace, id, input, options)),
    /** Takes no more messages; what came of earlier ones stays. */
    archive: (id: string, options?: WriteIn) =>
      on(options, (scope, workspace) => archivePaymentSource(scope, workspace, id, options)),
    /** What has arrived and what became of it, newest first. */
    messages: (id: string, input?: ListPaymentsInput, options?: ReadIn) =>
      on(options, (scope, workspace) => listPaymentMessages(scope, workspace, id, input)),
    /** Takes a message that the host's own route has received: its headers in lower case, and its body to the byte. */
    receive: (sourceId: string, message: SignedMessage, options?: ReadIn) =>
      on(options, (scope, workspace) =>
        receivePayment(scope, { workspaceId: workspace.id, sourceId }, message),
      ),
    /** Applies what waits for another message, of all workspaces. `hw.start()` does it every minute. */
    applyWaiting: () => applyDuePayments(context),
  };
}
