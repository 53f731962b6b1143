import type { DeviceDescription } from '../devices/device.ts';
import type { Place } from '../places/place.ts';
import type { Source } from '../sources/source.ts';

/** The event types of the contract (design §1). */
export const eventTypes = [
  'link_click',
  'pageview',
  'session_start',
  'identify',
  'lead',
  'sale',
  'share',
  'engagement',
  'custom',
  'api_request',
  'registration',
  'refund',
  'invitation',
  'redemption',
  'impression',
] as const;
export type EventType = (typeof eventTypes)[number];

/** The types that credit is given for. */
const conversionTypes = ['lead', 'sale', 'registration'] as const;

export function isConversion(event: { readonly type: string }): boolean {
  return (conversionTypes as readonly string[]).includes(event.type);
}

/** Where an event came in. */
export type Origin = 'redirect' | 'beacon' | 'api' | 'library' | 'import';

/** A (kind, value) by which a visitor is recognised. The kinds and their rules: `visitors/identifier-kind.ts`. */
export interface Identifier {
  readonly kind: string;
  readonly value: string;
  /** Made by this very request (a new cookie): nobody can know it yet, so it need not be looked up. */
  readonly fresh?: boolean;
}

/** What ingest needs to know of an arrival to decide whether it is a touch. */
export interface Arrival {
  readonly source: Source;
  /** Advertising click ids and cookies by parameter name, as they arrived. */
  readonly signals?: Readonly<Record<string, string>>;
  /** The `hw_click` of the landing: the id of a click of ours. */
  readonly clickId?: string;
}

/** What makes an event count in a project (`projects/`). It comes from the tracking endpoint, and from nobody's properties. */
export interface TrackedMark {
  readonly projectId: string;
  readonly type: string;
  readonly action: 'add' | 'remove';
  /** Of this user, type and project: a UUID that says nothing of the user. A `remove` takes back an `add` of the same. */
  readonly scope: string;
}

/**
 * One thing that happened, as every way in hands it to the pipeline: captured, validated, trimmed, classified.
 * It is plain JSON, so that the spool and the inbox hold it as it is.
 */
export interface IncomingEvent {
  readonly workspaceId: string;
  /** UUIDv7 made before the first attempt to write. */
  readonly id: string;
  /** What makes a repeat the same thing: the sender's event id, or the UUID form of an idempotency key. */
  readonly key: string;
  /** Digest of the canonical body without transport fields, 16 hex digits: another body under one key is a conflict. */
  readonly digest: string;
  readonly type: EventType;
  readonly name?: string;
  /** Milliseconds since the epoch. */
  readonly occurredAt: number;
  readonly origin: Origin;
  /** Who it was. Sorted and normalised by ingest; blocked values are left out there and reported. */
  readonly identifiers: readonly Identifier[];
  /** A visitor named by id; wins over the identifiers. */
  readonly visitorId?: string;
  /** In `identify`: another visitor that somebody says is the same person. */
  readonly sameAsVisitorId?: string;
  /** Server-side events never create visitors: an unknown one is refused with `visitor_not_found`. */
  readonly createsVisitor: boolean;
  /** Who joins two visitors by hand: the id of an API key, or what the host calls its people. */
  readonly actor?: string;
  /** Personal details to keep with the visitor, encrypted. */
  readonly profile?: {
    readonly name?: string;
    readonly metadata?: Readonly<Record<string, unknown>>;
  };
  readonly linkId?: string;
  /** The link is a partner's: who that is, and whether they may earn, is asked when it is written. */
  readonly isReferral?: true;
  /** Who sent the person, as it was told with what they did: by a coupon, or by whom a server names. */
  readonly referredBy?: { readonly partnerId: string; readonly coupon?: string };
  readonly arrival?: Arrival;
  readonly url?: string;
  readonly referrer?: string;
  readonly userAgent?: string;
  /** Already truncated: /24 or /48. */
  readonly ipPrefix?: string;
  /** A bot, a crawler or a preview by name: recorded, never counted as a person. */
  readonly machine?: string;
  /** What sent it; of a machine its category too. */
  readonly device?: DeviceDescription;
  /** Where it came from, as known from the address before that was truncated. */
  readonly place?: Place;
  /** Minor units of `currency`, as a decimal string (JSON has no big integers). */
  readonly amountMinor?: string;
  readonly currency?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly consent?: Readonly<Record<string, unknown>>;
  /** Counts in a project. */
  readonly tracked?: TrackedMark;
}

/** What identity did with an event. */
export interface IdentityOutcome {
  readonly outcome: 'none' | 'known' | 'created' | 'linked' | 'merged' | 'refused';
  /** Why a merge was refused: `different_external_id`, `limit_reached`, `shared_device`, `kept_apart`. */
  readonly reason?: string;
  /** Kinds of identifiers that were recorded but had no say, because a limit or a block list left them out. */
  readonly demoted?: readonly string[];
  /** The device belongs to somebody else from now on: the caller should give it a new visitor cookie. */
  readonly rotate?: boolean;
}

export type IngestOutcome =
  | {
      readonly outcome: 'accepted' | 'duplicate';
      readonly eventId: string;
      /** Written in the host's transaction: who it was is decided after that commits. */
      readonly queued?: true;
      /** The visitor that the event is stamped with; absent for machines. */
      readonly visitorId?: string;
      /** The person it belongs to now: the root of that visitor. */
      readonly personId?: string;
      readonly identity: IdentityOutcome;
    }
  | {
      readonly outcome: 'rejected';
      readonly eventId: string;
      /** `idempotency_conflict`, `visitor_not_found`, `visitor_erased`, `unstorable`. */
      readonly code: string;
      readonly message: string;
      /** Of `visitor_erased`: what was erased. Nothing where it is the event itself, known by its key. */
      readonly erased?: readonly ErasedIdentifier[];
    };

/** An identifier of somebody who was erased. */
export interface ErasedIdentifier {
  readonly kind: string;
  /** When, in milliseconds since the epoch. */
  readonly at: number;
}

export interface SubmitOptions {
  /** How long the caller waits for the commit. @default the engine's */
  readonly patienceMilliseconds?: number;
  /** What was put aside earlier (the spool, the inbox): it gives way to what arrives now. @default false */
  readonly background?: boolean;
  /** Events that came in one request share this object, and are never split between batches. */
  readonly together?: object;
}

/** The one way in. */
export interface Ingest {
  /**
   * Resolves after the transaction that holds the event has committed, or when it was refused.
   * @throws {UnavailableError} the queue is full, or the database has not answered within the patience of the caller.
   */
  submit(event: IncomingEvent, options?: SubmitOptions): Promise<IngestOutcome>;
  /** Waits until everything submitted so far is settled. */
  flush(): Promise<void>;
  /** Refuses new events, finishes what is in flight. */
  close(): Promise<void>;
  /** For `/metrics` and `/readyz`. */
  readonly stats: {
    readonly queued: number;
    readonly inFlight: number;
    readonly batches: number;
    readonly events: number;
  };
}
