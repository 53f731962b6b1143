/** Nothing of ours may stop a script of the page. */
export function safely<P extends unknown[], R>(
  work: (...parameters: P) => R,
): (...parameters: P) => R | undefined {
  return (...parameters) => {
    try {
      return work(...parameters);
    } catch (error) {
      console.warn('headwater', error);
      return undefined;
    }
  };
}
