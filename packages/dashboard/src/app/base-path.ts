/** Where the dashboard is served: `/hw/`, as the server wrote it into the page. */
export function readBasePath(page: Document = document): string {
  const meta = page.querySelector<HTMLMetaElement>('meta[name="headwater-base"]');
  const content = meta?.content ?? '/';
  return content === './' ? '/' : content;
}

/** The same without the slash at its end: what the API's addresses begin with. */
export function apiBaseUrl(basePath: string): string {
  return location.origin + basePath.replace(/\/$/, '');
}
