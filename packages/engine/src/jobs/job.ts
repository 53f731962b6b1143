/** Who has made work for a job says so; it is looked for regularly anyhow. */
export interface JobWaker {
  wake(name: string): void;
}

/** Work that is done in the background, in whichever process comes to it. */
export interface Job {
  /** `[a-z_]`, unique. */
  readonly name: string;
  /** How often it is done without anybody's call: a line of cron, to the minute, UTC. */
  readonly cron: string;
  /** Finds out by its own columns what is due, and stops early when it is asked to. */
  run(goesOn: () => boolean): Promise<unknown>;
  /** Whether there can be work for it at all: without any the job library is not even loaded. */
  readonly isNeeded: () => Promise<boolean>;
}
