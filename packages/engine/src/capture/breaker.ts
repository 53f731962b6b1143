/**
 * Stops asking what has failed several times in a row, and lets one request at a time find out whether it answers
 * again: during an outage one click waits, not all of them.
 */
export interface Breaker {
  /** Whether this request may ask. Each `true` is followed by one `succeeded` or `failed`. */
  allows(): boolean;
  succeeded(): void;
  failed(): void;
  readonly isOpen: boolean;
}

export function createBreaker(failuresMax = 5): Breaker {
  let failures = 0;
  let open = false;
  let probing = false;

  return {
    get isOpen() {
      return open;
    },
    allows() {
      if (!open) return true;
      if (probing) return false;
      probing = true;
      return true;
    },
    succeeded() {
      failures = 0;
      open = false;
      probing = false;
    },
    failed() {
      failures += 1;
      probing = false;
      if (failures >= failuresMax) open = true;
    },
  };
}
