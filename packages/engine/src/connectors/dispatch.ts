/**
 * `pending`: it waits for its time. `sending`: a process has claimed it. The others are final, until somebody replays
 * it.
 */
export const dispatchStatuses = ['pending', 'sending', 'delivered', 'failed', 'skipped'] as const;
export type DispatchStatus = (typeof dispatchStatuses)[number];

/** One conversion on its way to one ad platform. */
export interface Dispatch {
  readonly id: string;
  readonly workspaceId: string;
  readonly connector: string;
  /** The conversion, or the refund. */
  readonly eventId: string;
  /** What the platform knows it by: on every attempt and replay, and what the page told the platform's own script. */
  readonly eventKey: string;
  readonly eventType: string;
  readonly visitorId: string;
  readonly occurredAt: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly status: DispatchStatus;
  /** Why it was skipped or has failed, or what its latest attempt met. */
  readonly reason: string | undefined;
  readonly message: string | undefined;
  readonly attempts: number;
  /** Since its planning, the latest replay, or the mending of the connector. */
  readonly triedSince: Date;
  /** When it is looked at next; `undefined` where never. */
  readonly dueAt: Date | undefined;
  readonly deliveredAt: Date | undefined;
  /** The click id by which the platform can claim the conversion. */
  readonly matchedBy: string | undefined;
  /** From 0 to 1: how likely the platform recognises the person by what it was sent. */
  readonly matchQuality: number | undefined;
  /** The platform's own id of the request. */
  readonly reference: string | undefined;
  /** How often somebody had it sent again. */
  readonly replays: number;
  /** The latest attempts, oldest first. */
  readonly history: readonly DispatchAttempt[];
}

export interface DispatchAttempt {
  /** ISO 8601. */
  readonly at: string;
  readonly outcome: string;
  /** Of the answer, where there was one. */
  readonly status?: number;
  readonly code?: string;
  readonly message?: string;
}

/** A dispatch that this process has claimed, with what came with its conversion. */
export interface ClaimedDispatch extends Dispatch {
  readonly claim: string;
  readonly signals: Readonly<Record<string, string>>;
  readonly consent: Readonly<Record<string, unknown>> | undefined;
  readonly userAgent: string | undefined;
  /** A process had it and never said what became of it: it may have been sent. */
  readonly wasAbandoned: boolean;
}

/** What became of a claimed dispatch. */
export interface DispatchResult {
  readonly dispatch: ClaimedDispatch;
  readonly status: DispatchStatus;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly dueAt?: number | undefined;
  /** Whether the platform was asked: only then it counts as an attempt. */
  readonly attempt?: DispatchAttempt | undefined;
  readonly matchedBy?: string | undefined;
  readonly matchQuality?: number | undefined;
  readonly reference?: string | undefined;
  readonly followUpAt?: number | undefined;
}

/** Why a conversion was not sent, beside what connectors and platforms say. */
export const skipReasons = {
  disabled: 'The connector is switched off.',
  event_gone: 'The event is not kept any more.',
  original_not_delivered: 'What it takes back has not been delivered.',
  policy: 'The dispatch policy rejects it.',
  abandoned: 'Its process ended while it was sent, and the platform would count a repeat.',
  privacy: 'The privacy preset of the workspace lets nothing go to ad platforms.',
} as const;

/** The latest attempts that are kept with a dispatch. */
export const historyMax = 20;
