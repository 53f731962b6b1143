/** What was committed since a snapshot, as far as hours that were made before are concerned. */
export interface Fresh {
  /** Hours that are not what they were, in milliseconds. */
  readonly hours: ReadonlySet<number>;
  /** Visitors of whom something may have changed. */
  readonly visitorIds: readonly string[];
}
