import { hostOf, schemeOf, withoutWww } from '../kernel/url.ts';
import { parseAccessLogLine } from './access-log-line.ts';
import { classifyRequest } from './log-request.ts';
import { createTally } from './tally.ts';

/** So many images and stylesheets have to name the page that they were loaded for. */
const assetsMin = 20;

/**
 * The site that a log is of, where nobody says it and the lines do not name it: pages load images and stylesheets from
 * their own site, so the referrer of most of those is the site itself. `undefined` where that is not clear.
 */
export function guessSite(lines: Iterable<string>): string | undefined {
  const sites = createTally();
  const origins = createTally();
  let assets = 0;
  for (const text of lines) {
    const line = parseAccessLogLine(text);
    if (typeof line === 'string' || line.referrer === undefined) continue;
    const scheme = schemeOf(line.referrer);
    const host = hostOf(line.referrer);
    if (host === undefined || (scheme !== 'http' && scheme !== 'https')) continue;
    if (classifyRequest(line) !== 'asset') continue;
    assets += 1;
    sites.add(withoutWww(host));
    origins.add(`${scheme}://${host}`);
  }
  const [site] = sites.entries();
  if (site === undefined || site.count < assetsMin || site.count * 2 <= assets) return undefined;
  const names = new Set([site.name, `www.${site.name}`]);
  return origins.entries().find(({ name }) => names.has(hostOf(name) ?? ''))?.name;
}
