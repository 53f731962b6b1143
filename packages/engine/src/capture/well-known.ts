import type { Context } from '../context.ts';
import { appleAppSiteAssociation, assetLinks } from '../links/link-domain.ts';
import type { LinkDomains } from '../links/link-domains.ts';
import type { IncomingRequest, OutgoingResponse } from './exchange.ts';

/**
 * Answers what iOS and Android ask the host of a link before they open an app for it; `undefined` for other requests,
 * and where the host's workspace has named no app: the file may be the host's own.
 */
export type WellKnown = (request: IncomingRequest) => Promise<OutgoingResponse | undefined>;

const folder = '/.well-known/';

export function createWellKnown(context: Context, domains: LinkDomains): WellKnown {
  return async function answerWellKnown({ method, target, host }) {
    if (!target.startsWith(folder) || (method !== 'GET' && method !== 'HEAD')) return undefined;
    const [name = ''] = target.slice(folder.length).split('?');
    if (name !== 'apple-app-site-association' && name !== 'assetlinks.json') return undefined;
    const workspace = await context.workspaces.forHost(host).catch(() => undefined);
    if (workspace === undefined) return undefined;
    const { apps } = await domains.of(workspace.id, host);
    if (name === 'assetlinks.json')
      return apps?.android === undefined ? undefined : json(assetLinks(apps.android));
    return apps?.apple === undefined ? undefined : json(appleAppSiteAssociation(apps.apple));
  };
}

function json(value: unknown): OutgoingResponse {
  return {
    status: 200,
    headers: [
      ['content-type', 'application/json'],
      ['cache-control', 'public, max-age=3600'],
      ['x-content-type-options', 'nosniff'],
    ],
    body: JSON.stringify(value),
  };
}
