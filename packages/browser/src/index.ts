import { createClient } from './client.ts';
import type { Headwater, InitOptions } from './options.ts';

export type {
  ConsentChoices,
  ConsentState,
  Headwater,
  InitOptions,
  LeadInput,
  PersonDetails,
  Properties,
  SaleInput,
} from './options.ts';

let client: Headwater | undefined;

/**
 * Starts the client, once for each page; later calls answer the same one. Outside a browser, as when a server renders
 * the page, the client does nothing.
 *
 * @example
 * const headwater = init({ endpoint: '/hw' });
 * headwater.track('signed_up', { plan: 'pro' });
 */
export function init(options: InitOptions): Headwater {
  if (client !== undefined) return client;
  if (typeof document === 'undefined') return inert;
  try {
    return (client = createClient(options));
  } catch (error) {
    console.warn('headwater', error);
    return inert;
  }
}

const inert: Headwater = {
  pageview() {},
  track() {},
  lead() {},
  sale() {},
  identify() {},
  flush: () => Promise.resolve(false),
  consent() {},
  optOut() {},
  optIn() {},
  forget() {},
  setFingerprint() {},
};
