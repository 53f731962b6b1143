import type { EventType } from '../ingest/event.ts';
import type { RecordedEvent } from '../ingest/recorded-event.ts';

/** Who an event was, as its hooks are told. */
export interface HookVisitor {
  /** The visitor that the event was stamped with. */
  readonly id: string;
  /** The person that it belonged to at the commit. */
  readonly personId: string;
}

/**
 * Called once for each event of its type; `visitor` is `undefined` for machines, and for a click that is not committed
 * when its redirect goes out. What it throws is logged and harms nothing.
 */
export type Hook = (
  event: RecordedEvent,
  visitor: HookVisitor | undefined,
) => HookAnswer | undefined | void | Promise<HookAnswer | undefined | void>;

/** What a hook adds to the answer of a redirect; ignored everywhere else. */
export interface HookAnswer {
  /** `HttpOnly`, `SameSite=Lax`, and `Secure` on https. */
  readonly setCookies?: readonly HookCookie[];
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HookCookie {
  readonly name: string;
  readonly value: string;
  /** Whole days, 400 at most (RFC 6265bis §5.5). */
  readonly days: number;
}

export interface HookOptions {
  /** Only after the commit, never in the redirect. @default false */
  readonly async?: boolean;
}

/** One hook in the options of the engine. */
export interface HookRegistration extends HookOptions {
  readonly type: EventType;
  readonly run: Hook;
}
