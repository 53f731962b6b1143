import type { Context } from '../context.ts';
import type { Identifier, IdentityOutcome } from '../ingest/event.ts';
import type { EventRefusal } from '../ingest/check-event.ts';
import { trackEvent } from '../ingest/track-event.ts';
import type { TrackEventOptions } from '../ingest/track-event.ts';
import { refuse } from '../kernel/result.ts';
import type { Refusal, Result } from '../kernel/result.ts';
import { refuseField, renameFields } from '../kernel/validation.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { getVisitor } from './get-visitor.ts';
import type { Visitor } from './visitor.ts';

export interface IdentifyVisitorInput {
  /** The visitor to identify, as `resolve` or an event's answer named it. */
  readonly visitorId?: string;
  /** The value of the visitor cookie. */
  readonly anonymousId?: string;
  readonly externalId?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly name?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly identifiers?: readonly Identifier[];
  readonly occurredAt?: Date;
  readonly idempotencyKey?: string;
  readonly eventId?: string;
}

export interface IdentifiedVisitor {
  /** Absent inside a host's transaction: who it is is decided after that commits. */
  readonly visitor: Visitor | undefined;
  readonly identity: IdentityOutcome;
  readonly eventId: string;
}

export type VisitorNotFound = Refusal & { readonly code: 'visitor_not_found' };
/** The person was erased: `privacy.lift` lets them come back. */
export type VisitorErased = Refusal & { readonly code: 'visitor_erased' };
export type IdempotencyConflict = Refusal & { readonly code: 'idempotency_conflict' };
export type VisitorRejection = VisitorNotFound | VisitorErased | IdempotencyConflict;
export type IdentifyVisitorRefusal = EventRefusal | VisitorRejection;

const inputNames = { personName: 'name', personMetadata: 'metadata' };

export function visitorNotFound(): VisitorNotFound {
  return refuse('visitor_not_found', 'Visitor not found');
}

/** What ingest rejected an event of identity with. */
export function visitorRejection(rejected: {
  readonly code: string;
  readonly message: string;
}): VisitorRejection {
  const { code, message } = rejected;
  return code === 'idempotency_conflict' || code === 'visitor_erased'
    ? refuse(code, message)
    : visitorNotFound();
}

/**
 * Says who a visitor is. Whether people were joined, and if not why, is in `identity`: two people with different
 * external ids are never merged, and the answer says so.
 *
 * @example
 * await hw.visitors.identify({ visitorId, externalId: 'cust_123', email: 'alice@example.com', name: 'Alice' });
 */
export async function identifyVisitor(
  context: Context,
  workspace: Workspace,
  input: IdentifyVisitorInput,
  options: Pick<TrackEventOptions, 'tx' | 'origin'> = {},
): Promise<Result<IdentifiedVisitor, IdentifyVisitorRefusal>> {
  const { name, metadata, ...rest } = input;
  if (
    input.visitorId === undefined &&
    input.anonymousId === undefined &&
    input.externalId === undefined &&
    input.email === undefined &&
    input.phone === undefined &&
    (input.identifiers ?? []).length === 0
  ) {
    return refuseField(
      'identifiers',
      'must name the person: visitorId, anonymousId, externalId, email, phone or identifiers',
    );
  }
  const tracked = await trackEvent(
    context,
    workspace,
    {
      type: 'identify',
      ...rest,
      ...(name === undefined ? {} : { personName: name }),
      ...(metadata === undefined ? {} : { personMetadata: metadata }),
    },
    { ...options, createsVisitor: true },
  );
  if (!tracked.ok) return renameFields(tracked, inputNames);
  const outcome = tracked.value;
  if (outcome.outcome === 'rejected') return visitorRejection(outcome);
  return {
    ok: true,
    value: {
      visitor:
        outcome.visitorId === undefined
          ? undefined
          : await getVisitor(context, workspace, outcome.visitorId),
      identity: outcome.identity,
      eventId: outcome.eventId,
    },
  };
}
