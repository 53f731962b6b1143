import type { Outcome } from './connector.ts';

type Retry = Extract<Outcome, { readonly outcome: 'retry' }>;

const code = 'connector_fault';

/** A connector that throws is a bug of one connector: it holds up no other, and may be mended until the next attempt. */
export function connectorFault(error: unknown): Retry {
  const name = error instanceof Error ? error.name : typeof error;
  return { outcome: 'retry', code, message: `The connector threw: ${name}.` };
}

export function isConnectorFault(outcome: Retry): boolean {
  return outcome.code === code;
}
