/**
 * The CPU time of redirecting a plain link, by two versions of the engine in one process, in turns:
 * `node bench/plain-redirect.ts <checkout before> <checkout after>`. Ingest and the database are left out, so that a
 * difference in the redirect itself cannot hide behind them.
 */
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

type Handle = (request: unknown) => Promise<unknown>;
type Modules = Record<string, (...values: unknown[]) => unknown>;

const rounds = 30;
const redirectsOfRound = 20_000;
const userAgent =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const workspaceId = '01900000-0000-7000-8000-000000000001';

async function open(checkout: string): Promise<Handle> {
  const load = (file: string): Promise<Modules> =>
    import(
      pathToFileURL(join(resolve(checkout), 'packages/engine/src', file)).href
    ) as Promise<Modules>;
  const { createRedirect } = await load('capture/redirect.ts');
  const { prepareRedirectLink } = await load('links/redirect-link.ts');
  const { createDevices } = await load('devices/devices.ts');
  const { createIdFactory } = await load('kernel/id.ts');
  const link = prepareRedirectLink?.({
    workspaceId,
    id: '01900000-0000-7000-8000-000000000002',
    domain: 'go.test',
    key: 'launch',
    linkType: 'short',
    partnerId: null,
    url: 'https://example.com/pricing?plan=pro',
    iosUrl: null,
    androidUrl: null,
    geoTargeting: {},
    utmSource: 'newsletter',
    utmMedium: 'email',
    utmCampaign: null,
    utmContent: null,
    utmTerm: null,
    expiresAt: null,
  });
  const workspace = { id: workspaceId, settings: {} };
  const context = {
    options: {},
    clock: { now: () => 1_800_000_000_000 },
    createId: createIdFactory?.(),
    devices: createDevices?.(),
    places: { of: () => undefined },
    hooks: { forRedirect: () => undefined },
    changeLog: { isBehind: () => false },
    workspaces: {
      forHost: () => Promise.resolve(workspace),
      remembered: () => workspace,
      ownHosts: () => new Set(['go.test']),
    },
  };
  const recorder = {
    record: () => Promise.resolve({ outcome: 'accepted', identity: { outcome: 'known' } }),
    hold: () => Promise.resolve(),
  };
  const linkCache = { find: () => link, recall: () => link };
  return createRedirect?.(context, { linkCache, recorder, salts: {} }) as Handle;
}

const request = {
  method: 'GET',
  target: '/launch',
  host: 'go.test',
  scheme: 'https',
  remoteAddress: '198.51.100.7',
  header: (name: string) => (name === 'user-agent' ? userAgent : undefined),
};

/** Microseconds of CPU for each redirect. */
async function measure(handle: Handle): Promise<number> {
  const before = process.cpuUsage();
  for (let done = 0; done < redirectsOfRound; done += 1) await handle(request);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / redirectsOfRound;
}

const [before = '.', after = '.'] = process.argv.slice(2);
const handles = [await open(before), await open(after)] as const;
const times: [number[], number[]] = [[], []];
for (let round = 0; round < rounds; round += 1) {
  // Whoever is first in a round is second in the next.
  for (const side of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
    const time = await measure(handles[side]);
    if (round >= 4) times[side].push(time);
  }
}
const median = (values: readonly number[]): number =>
  [...values].sort((left, right) => left - right)[values.length >> 1] ?? 0;
const [one, other] = [median(times[0]), median(times[1])];
process.stdout.write(
  `before ${one.toFixed(2)} µs, after ${other.toFixed(2)} µs of CPU a redirect: ${((other / one - 1) * 100).toFixed(1)} %\n`,
);
