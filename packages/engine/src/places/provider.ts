import type { Address } from './address.ts';
import type { Place } from './place.ts';

/** Where places come from. */
export interface PlaceProvider {
  /**
   * Where an address is; `undefined` where that is not known. It answers from memory: redirects wait for it. The
   * address is whole, and must neither be stored nor logged.
   */
  locate(address: Address): Place | undefined;
  /** Resolves when `locate` can answer; called with the first use, and again some time after it failed. */
  load?(): Promise<void>;
  /** Takes up newer data, where there is any. Called while there is use, at most every `geo.refreshEvery`. */
  refresh?(): Promise<void>;
}
