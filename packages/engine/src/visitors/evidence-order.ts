/**
 * How many of the last visitors of a piece of evidence no identifier named, but a click, an id or somebody's word. What
 * identifiers named comes before them, in the order of their strength.
 */
export function namedOtherwise(reason: string): number {
  if (reason === 'merge') return 2;
  return reason === 'hw_click' || reason === 'visitor_id' ? 1 : 0;
}
