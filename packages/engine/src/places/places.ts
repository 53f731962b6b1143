import type { IncomingRequest } from '../capture/exchange.ts';
import { minute, toMilliseconds } from '../kernel/clock.ts';
import type { Clock, Duration } from '../kernel/clock.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import { ok, refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { within } from '../kernel/within.ts';
import type { GeoOptions, HeadwaterOptions, Logger } from '../options.ts';
import { readAddress } from './address.ts';
import { createCountryProvider } from './country-provider.ts';
import { createFileProvider } from './file-provider.ts';
import { readMaxMindRecord } from './normalise-record.ts';
import { toPlace } from './place.ts';
import type { Place } from './place.ts';
import { createHeaderReader } from './place-headers.ts';
import type { PlaceProvider } from './provider.ts';

export type ReadyRefusal = Refusal & { readonly code: 'geo_disabled' | 'geo_not_ready' };
export type LocateRefusal = Refusal & {
  readonly code: ReadyRefusal['code'] | 'invalid_ip' | 'place_not_found';
};

/** Where requests come from. Nothing is read before the first question, and no timer runs. */
export interface Places {
  /** Where an address is. The address is neither kept nor logged. */
  locate(address: string): Result<Place, LocateRefusal>;
  /**
   * Resolves when the database is loaded, or cannot be.
   * @param options.within how long to wait @default as long as it takes
   */
  ready(options?: { readonly within?: Duration }): Promise<Result<undefined, ReadyRefusal>>;
  /** Where a request comes from; a promise only while the database is being loaded, and a short one. */
  of(
    request: Pick<IncomingRequest, 'remoteAddress' | 'header'>,
  ): Place | undefined | Promise<Place | undefined>;
}

export interface PlacesDependencies {
  readonly options: Pick<HeadwaterOptions, 'geo'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long the first requests wait for the database: a redirect does not wait for trouble. */
const loadPatience = 50;
const complainEvery = minute;

type State = 'idle' | 'loading' | 'ready' | 'failed';

export function createPlaces({ options, clock, logger }: PlacesDependencies): Places {
  if (options.geo === false) return disabledPlaces;
  const geo: GeoOptions = options.geo ?? {};
  const provider = geo.provider ?? createProvider(geo, logger);
  const readHeaders = geo.headers === undefined ? undefined : createHeaderReader(geo.headers);
  const refreshMilliseconds = toMilliseconds(geo.refreshEvery ?? { minutes: 1 });

  let state: State = 'idle';
  let loading: Promise<void> = Promise.resolve();
  let triedAt = -Infinity;
  let complaint: string | undefined;
  let complainedAt = -Infinity;

  /** Loads at the first use, and looks for newer data from time to time. Whoever asks need not wait for it. */
  function keepUp(): void {
    const now = clock.now();
    if (state === 'loading' || (state !== 'idle' && Math.abs(now - triedAt) < refreshMilliseconds))
      return;
    triedAt = now;
    if (state === 'ready') {
      void attempt('renewed', () => provider.refresh?.());
    } else {
      state = 'loading';
      loading = attempt('loaded', () => provider.load?.()).then((done) => {
        state = done ? 'ready' : 'failed';
      });
    }
  }

  async function attempt(what: string, work: () => Promise<void> | undefined): Promise<boolean> {
    try {
      await work();
      complaint = undefined;
      return true;
    } catch (error) {
      const fault = describeFault(error);
      // Once for each reason: it is tried again and again.
      if (complaint !== JSON.stringify(fault))
        logger.warn(`The database of places could not be ${what}`, { error: fault });
      complaint = JSON.stringify(fault);
      return false;
    }
  }

  function find(text: string | undefined): Place | undefined {
    const address = readAddress(text);
    if (address === undefined) return undefined;
    try {
      const place = provider.locate(address);
      return geo.provider === undefined || place === undefined ? place : toPlace(place);
    } catch (error) {
      complain(error);
      return undefined;
    }
  }

  /** A database that answers one request with an error may do so with all of them. */
  function complain(error: unknown): void {
    if (clock.now() - complainedAt < complainEvery) return;
    complainedAt = clock.now();
    // The message of a stranger's provider may hold the address.
    logger.error('A place could not be looked up', { name: describeFault(error).name });
  }

  return {
    locate(text) {
      keepUp();
      if (readAddress(text) === undefined) return refuse('invalid_ip', 'This is no IP address.');
      if (state !== 'ready') return notReady();
      const place = find(text);
      return place === undefined
        ? refuse('place_not_found', 'The database does not know where this address is.')
        : ok(place);
    },
    async ready({ within: patience } = {}) {
      keepUp();
      try {
        await (patience === undefined ? loading : within(loading, toMilliseconds(patience)));
      } catch {
        return notReady();
      }
      return isReady() ? ok(undefined) : notReady();
    },
    of(request) {
      keepUp();
      const told = readHeaders?.((name) => request.header(name));
      if (state !== 'loading') return combine(told, find(request.remoteAddress));
      return within(loading, loadPatience).then(
        () => combine(told, find(request.remoteAddress)),
        () => told,
      );
    },
  };

  // Read anew after waiting.
  function isReady(): boolean {
    return state === 'ready';
  }
}

function createProvider(geo: GeoOptions, logger: Logger): PlaceProvider {
  const countries = createCountryProvider();
  if (geo.file === undefined) return countries;
  return createFileProvider({
    path: geo.file,
    normalise: geo.normalise ?? readMaxMindRecord,
    fallback: countries,
    logger,
  });
}

/** The proxy is nearer to the visitor; what it leaves out is filled in where both mean the same country. */
function combine(told: Place | undefined, found: Place | undefined): Place | undefined {
  if (told === undefined || found?.countryCode !== told.countryCode) return told ?? found;
  return told.city === undefined ? { ...found, ...told } : told;
}

const notReady = () => refuse('geo_not_ready', 'The database of places is not loaded.');
const disabled = () => refuse('geo_disabled', 'Places are switched off.');

const disabledPlaces: Places = {
  locate: disabled,
  ready: () => Promise.resolve(disabled()),
  of: () => undefined,
};
