import type { Context } from '../context.ts';
import type { PaymentProvider } from './payment-provider.ts';
import { stripe } from './stripe.ts';

/** The host's own providers, then ours. */
export function providersOf({ options }: Pick<Context, 'options'>): readonly PaymentProvider[] {
  return [...(options.paymentProviders ?? []), stripe];
}

export function providerOf(
  context: Pick<Context, 'options'>,
  type: unknown,
): PaymentProvider | undefined {
  return providersOf(context).find((provider) => provider.type === type);
}
