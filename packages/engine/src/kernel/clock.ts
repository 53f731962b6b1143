/** The only source of the present time. Milliseconds since the Unix epoch, UTC. */
export interface Clock {
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** A length of time, as options take it: `{ days: 7 }`. */
export interface Duration {
  readonly milliseconds?: number;
  readonly seconds?: number;
  readonly minutes?: number;
  readonly hours?: number;
  readonly days?: number;
}

export function toMilliseconds(duration: Duration): number {
  return (
    (duration.milliseconds ?? 0) +
    (duration.seconds ?? 0) * second +
    (duration.minutes ?? 0) * minute +
    (duration.hours ?? 0) * hour +
    (duration.days ?? 0) * day
  );
}
