/**
 * Calls back after each navigation within the page. A replaced entry is often only the scroll position or the state
 * of a framework: `replaced` tells them apart.
 */
export function watchNavigation(page: Window, onNavigate: (replaced: boolean) => void): void {
  const { history } = page;
  const { pushState, replaceState } = history;
  history.pushState = function (...parameters) {
    pushState.apply(this, parameters);
    onNavigate(false);
  };
  history.replaceState = function (...parameters) {
    replaceState.apply(this, parameters);
    onNavigate(true);
  };
  const onMove = (): void => onNavigate(false);
  page.addEventListener('popstate', onMove);
  page.addEventListener('hashchange', onMove);
}
