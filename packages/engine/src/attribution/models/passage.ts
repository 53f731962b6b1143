/** What goes through a channel on its way to converting: all that would be lost without the channel. */
export interface Passage {
  readonly conversions: number;
  readonly value: number;
}
