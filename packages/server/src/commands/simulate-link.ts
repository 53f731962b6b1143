import { HeadwaterError } from 'headwater';
import type { Headwater, Link, SimulateLinkInput } from 'headwater';

import type { ServerConfig } from '../config.ts';
import type { Log } from '../log.ts';
import { formatTable } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import { refused, withMigratedEngine } from './invitations.ts';

export type SimulateLinkArguments = Omit<SimulateLinkInput, 'path'>;

/** Where a request to a link would go, and why. */
export async function simulateLink(
  config: ServerConfig,
  log: Log,
  terminal: Terminal,
  { link: named, flags }: { readonly link: string; readonly flags: SimulateLinkArguments },
): Promise<void> {
  const simulated = await withMigratedEngine(config, log, async (hw) => {
    const { link, path } = await findLink(hw, named);
    return hw.links.simulate(link.id, { ...pick(flags), path });
  });
  if (!simulated.ok) throw refused(simulated);
  const { outcome, location, steps } = simulated.value;
  if (terminal.json) {
    terminal.print(JSON.stringify(simulated.value));
    return;
  }
  terminal.print(`${outcome}: ${location ?? 'a page'}\n`);
  const rows = steps.flatMap((step) => [
    [`${step.step} ${step.name ?? ''}`.trim(), step.decided ? 'decides' : 'passes', step.why],
    ...(step.conditions ?? []).map(({ condition, held, saw }) => [
      `  ${condition.not === true ? 'not ' : ''}${condition.kind}`,
      held === null ? 'unknown' : held ? 'holds' : 'does not hold',
      saw ?? '',
    ]),
  ]);
  terminal.print(formatTable(['step', '', 'why'], rows));
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** By its id, or by what people are given; what follows a pattern's beginning is what it captures. */
async function findLink(
  hw: Headwater,
  named: string,
): Promise<{ readonly link: Link; readonly path: string | undefined }> {
  if (uuid.test(named)) {
    const link = await hw.links.get(named);
    if (link !== undefined) return { link, path: undefined };
  }
  const [, host = '', path = ''] = /^(?:https?:\/\/)?([^/]+)\/(.+)$/.exec(named) ?? [];
  const link = host === '' ? undefined : await hw.links.getByKey(host, path);
  if (link !== undefined) return { link, path: undefined };
  const page =
    host === '' ? undefined : await hw.links.list({ domain: host, search: '/', limit: 200 });
  const patterns = (page?.ok === true ? page.value.links : [])
    .filter(({ key }) => /[:*]/.test(key))
    .sort((left, right) => literalLength(right.key) - literalLength(left.key));
  for (const pattern of patterns) {
    const simulated = await hw.links.simulate(pattern.id, { path });
    if (simulated.ok) return { link: pattern, path };
  }
  throw new HeadwaterError('link_not_found', `There is no link ${named}.`);
}

/** The more a pattern says itself, the earlier it is asked. */
function literalLength(key: string): number {
  return key.split('/').reduce((sum, part) => sum + (/^[:*]/.test(part) ? 0 : part.length), 0);
}

/** Of all flags those that say something of the request. */
function pick(flags: SimulateLinkArguments): SimulateLinkArguments {
  const { query, at, userAgent, language, referrer, ip, country, region, city } = flags;
  const { visitor, visitorKey, unlocked, clicks, people, conversions } = flags;
  const request = { query, at, userAgent, language, referrer, ip, country, region, city };
  return { ...request, visitor, visitorKey, unlocked, clicks, people, conversions };
}
