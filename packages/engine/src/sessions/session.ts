import type { DeviceView, PlaceView, SourceView } from '../visitors/visitor.ts';

/** One visit, with everything that its devices did in it so far. */
export interface Session {
  readonly id: string;
  /** The device that began it. */
  readonly visitorId: string;
  readonly startedAt: Date;
  readonly lastEventAt: Date;
  readonly durationSeconds: number;
  /** The first and the last page. */
  readonly entryUrl: string | undefined;
  readonly exitUrl: string | undefined;
  readonly events: number;
  readonly pageviews: number;
  /** How long its pages were in front of somebody. */
  readonly engagedMilliseconds: number;
  readonly conversions: number;
  readonly isBounce: boolean;
  readonly isEngaged: boolean;
  /** The arrival that began it; absent where it came from the own site. */
  readonly touchId: string | undefined;
  readonly source: SourceView | undefined;
  readonly device: DeviceView | undefined;
  readonly place: PlaceView | undefined;
}
