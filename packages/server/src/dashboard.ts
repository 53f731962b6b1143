import { readFile, readdir } from 'node:fs/promises';
import { extname } from 'node:path';

import { createAsset } from './asset.ts';
import type { Asset } from './asset.ts';

/** The dashboard's own GET addresses: its page at every view, and the files that the page loads. */
export interface Dashboard {
  /** `undefined` for what is not the dashboard's. */
  find(path: string): Promise<Asset | undefined> | undefined;
}

const forEver = 'public, max-age=31536000, immutable';

const contentTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/**
 * Styles may stand on elements, because the component library sets them there; scripts may not. Previews of QR codes and
 * downloads are `blob:` addresses that the page makes itself.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Serves the built dashboard below the base path. Only the views that the dashboard names answer its page, so nothing else
 * under the base path is swallowed: the API, the beacons and the scripts keep their own answers, also their 404.
 */
export function createDashboard(basePath: string): Dashboard {
  const folder = new URL('.', import.meta.resolve('@headwater/dashboard/index.html'));
  const page = createPage(folder, basePath);
  const files = new Map<string, Asset>();
  let contents: Promise<Contents> | undefined;

  async function find(rest: string): Promise<Asset | undefined> {
    // Read with the first request: a start needs none of it.
    contents ??= readContents(folder);
    contents.catch(() => (contents = undefined));
    const { views, names } = await contents;
    if (rest === '' || views.has(rest.split('/')[0]!)) return page;
    if (!names.has(rest)) return undefined;
    let file = files.get(rest);
    if (file === undefined) files.set(rest, (file = createFile(folder, rest)));
    return file;
  }

  return {
    find(path) {
      if (path === basePath) return find('');
      if (!path.startsWith(`${basePath}/`)) return undefined;
      const rest = path.slice(basePath.length + 1);
      // What is asked for all the time takes no detour.
      return rest.startsWith('api/') || rest.startsWith('t/') ? undefined : find(rest);
    },
  };
}

interface Contents {
  readonly views: ReadonlySet<string>;
  /** Files below the folder, with slashes on every system. */
  readonly names: ReadonlySet<string>;
}

async function readContents(folder: URL): Promise<Contents> {
  const [views, all] = await Promise.all([
    readFile(new URL('views.json', folder), 'utf8'),
    readdir(folder, { recursive: true }),
  ]);
  const names = all
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => extname(name) in contentTypes);
  return { views: new Set(JSON.parse(views) as string[]), names: new Set(names) };
}

/** A build for any base path has relative addresses; a page that is shown at any depth needs whole ones. */
function createPage(folder: URL, basePath: string): Asset {
  const read = async (): Promise<Buffer> => {
    const html = await readFile(new URL('index.html', folder), 'utf8');
    return Buffer.from(html.replaceAll('"./', `"${basePath}/`));
  };
  return createAsset(read, {
    contentType: 'text/html; charset=utf-8',
    cacheControl: 'no-cache',
    headers: [
      ['content-security-policy', policy],
      ['referrer-policy', 'same-origin'],
      ['x-frame-options', 'DENY'],
      ['cross-origin-opener-policy', 'same-origin'],
    ],
  });
}

function createFile(folder: URL, name: string): Asset {
  return createAsset(() => readFile(new URL(name, folder)), {
    contentType: contentTypes[extname(name)]!,
    // The build names what is in `assets` after its contents.
    cacheControl: name.startsWith('assets/') ? forEver : 'public, max-age=3600',
  });
}
