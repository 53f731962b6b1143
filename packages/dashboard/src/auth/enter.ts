import { readBasePath } from '../app/base-path.ts';

/** Begins anew as who has just signed in: without the address of the link that was used, and nothing kept of before. */
export function enter(page = ''): void {
  location.replace(`${readBasePath()}${page}`);
}
