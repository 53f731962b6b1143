import { createClient } from './client.ts';
import type { ConsentState, Headwater, InitOptions } from './options.ts';
import { safely } from './safely.ts';

/** What the page may have put there before the script arrived: calls in their order. */
interface Stub {
  q?: ReadonlyArray<readonly [method: string, parameters: Iterable<unknown>]>;
}

const methods =
  'pageview track lead sale identify flush consent optOut optIn forget setFingerprint'.split(
    ' ',
  ) as ReadonlyArray<keyof Headwater>;

const page = window as Window & { headwater?: Stub };
const tag = document.currentScript as HTMLScriptElement | null;
const before = page.headwater;
let client: Headwater | undefined;

// Another copy of the script has no `q`.
if (before === undefined || before.q !== undefined) start();

function start(): void {
  const data = tag?.dataset ?? {};
  const init = (options: InitOptions = optionsOf(data)): Headwater =>
    (client ??= createClient(options));

  const headwater: Record<string, (...parameters: never[]) => unknown> = { init: safely(init) };
  for (const method of methods) {
    headwater[method] = safely((...parameters: [never]) => init()[method](...parameters));
  }
  page.headwater = headwater;
  for (const [method, parameters] of before?.q ?? [])
    headwater[method]?.(...(parameters as Iterable<never>));

  // A tag without attributes leaves the scripts after it the time to call `headwater.init(…)`.
  const begin = (): unknown => headwater['init']!();
  if (document.readyState === 'loading' && Object.keys(data).length === 0) {
    document.addEventListener('DOMContentLoaded', begin);
  } else begin();
}

function optionsOf(data: DOMStringMap): InitOptions {
  return {
    endpoint: data['endpoint'] ?? tag?.src.replace(/\/js\/[^/]*$/, '') ?? '/hw',
    key: data['key'],
    autoPageview: data['autoPageview'] !== 'false',
    autoSpaNavigation: data['spa'] !== 'false',
    engagement: data['engagement'] !== 'false',
    gpc: data['gpc'] !== 'false',
    cookieless: (data['cookieless'] ?? 'false') !== 'false',
    consent: data['consent'] as ConsentState | undefined,
  };
}
