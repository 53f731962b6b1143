import { useEffect, useRef } from 'react';

const patienceMs = 1_000;

/** Calls with the key that follows `first`, where nobody is typing. */
export function useKeySequence(first: string, onKey: (key: string) => void): void {
  const callback = useRef(onKey);
  useEffect(() => {
    callback.current = onKey;
  });
  useEffect(() => {
    let begunAt = -Infinity;
    const listen = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement | null;
      const types = target?.closest('input, textarea, select, [contenteditable], [role="dialog"]');
      if (types != null || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.timeStamp - begunAt < patienceMs) {
        begunAt = -Infinity;
        callback.current(event.key);
      } else if (event.key === first) {
        begunAt = event.timeStamp;
      }
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [first]);
}
