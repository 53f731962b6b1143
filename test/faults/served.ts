import {
  bundle,
  callApi,
  eventually,
  linkHost,
  readMetric,
  startServer,
} from '../server/server-process.ts';
import type { ServerProcess, Variables } from '../server/server-process.ts';
import { linkKey } from './retrying-load.ts';

/** Of what every server of the fault tests is told: their clients all come from one address. */
const settings = { HEADWATER_LIMITS: 'false', HEADWATER_GEO: 'false', LOG_LEVEL: 'warn' };

/** A click waits for its commit, so that no landing comes before it and a rebuild has nothing to find. */
export const patientClicks = { HEADWATER_CLICK_PATIENCE_MILLISECONDS: '10000' };

export const secret = 'a secret of the tests that is long enough';

/** What `npm start` runs, on a database that is there already. */
export function serve(variables: Variables): Promise<ServerProcess> {
  return startServer({ ...settings, ...variables }, bundle);
}

/** Starts the command on an empty database and makes the link that clients follow. */
export async function serveFirst(
  variables: Variables,
): Promise<ServerProcess & { readonly key: string }> {
  const server = await serve(variables);
  const key = server.secretKey!;
  const { status, body } = await callApi(server, key, 'POST', 'links', {
    domain: linkHost,
    key: linkKey,
    url: 'https://shop.example/',
  });
  if (status !== 201) throw new Error(`no link: ${status} ${JSON.stringify(body)}`);
  return { ...server, key };
}

/** Ends a server in order, once no click waits on its disk: everything it has answered is in the database then. */
export async function endInOrder(server: ServerProcess): Promise<void> {
  await eventually(
    'the spool is drained',
    async () => (await readMetric(server, 'headwater_spool_waiting')) === 0,
    60,
  );
  server.signal('SIGTERM');
  const { code } = await server.ended;
  if (code !== 0) throw new Error(`the server ended with ${code}: ${server.log()}`);
}
