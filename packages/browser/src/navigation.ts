/**
 * Calls back after each navigation within the page. A replaced entry is often only the scroll position or the state
 * of a framework: `replaced` tells them apart.
 */
export function watchNavigation(onNavigate: (replaced: boolean) => void): void {
  const watch = (method: 'pushState' | 'replaceState', replaced: boolean): void => {
    const original = history[method];
    history[method] = function (...parameters) {
      original.apply(this, parameters);
      onNavigate(replaced);
    };
  };
  watch('pushState', false);
  watch('replaceState', true);
  for (const event of ['popstate', 'hashchange']) addEventListener(event, () => onNavigate(false));
}
