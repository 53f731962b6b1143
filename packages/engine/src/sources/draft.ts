import type { KnownCategory } from './channel.ts';
import type { Source } from './source.ts';

/** A source in the making: what is not known may be written as `undefined`. */
export type Draft = Pick<Source, 'confidence' | 'rule' | 'kind'> & {
  readonly [Field in Exclude<keyof Source, 'rulesVersion'>]?: Source[Field] | undefined;
} & {
  /** The list of ours that the source is in, where it was looked up on the way. */
  readonly category?: KnownCategory;
};
