import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { createAsset } from './asset.ts';
import type { Asset, AssetSettings } from './asset.ts';

const forADay = 'public, max-age=86400';

/** The client and its add-ons, by the name that pages load them by. */
const browserScripts = {
  'headwater.js': () => import.meta.resolve('@headwater/browser/headwater.js'),
  'headwater-interactions.js': () =>
    import.meta.resolve('@headwater/browser/headwater-interactions.js'),
  'headwater-fingerprint.js': () =>
    import.meta.resolve('@headwater/browser/headwater-fingerprint.js'),
  'headwater-referral.js': () => import.meta.resolve('@headwater/browser/headwater-referral.js'),
  // Where sites that come from GoodAnalytics load their client from.
  'good-analytics.js': () => import.meta.resolve('@headwater/browser/good-analytics.js'),
};

/** The server's own GET routes with a fixed path. */
export type Pages = ReadonlyMap<string, Asset>;

export function createPages(basePath: string): Pages {
  const docs = `${basePath}/docs`;
  const script: AssetSettings = {
    contentType: 'text/javascript; charset=utf-8',
    // Sites embed the address, so it cannot carry a version: an hour, then a revalidation.
    cacheControl: 'public, max-age=3600, stale-while-revalidate=86400',
    headers: [
      ['access-control-allow-origin', '*'],
      ['cross-origin-resource-policy', 'cross-origin'],
    ],
  };
  return new Map<string, Asset>([
    ['/', homePage(basePath)],
    ...Object.entries(browserScripts).map(
      ([name, resolve]) =>
        [`${basePath}/js/${name}`, createAsset(() => readModule(resolve()), script)] as const,
    ),
    [docs, documentationPage(docs)],
    [`${docs}/`, documentationPage(docs)],
    [`${docs}/start.js`, documentationStart(basePath)],
    [
      `${docs}/swagger-ui.css`,
      createAsset(() => readModule(import.meta.resolve('swagger-ui-dist/swagger-ui.css')), {
        contentType: 'text/css; charset=utf-8',
        cacheControl: forADay,
      }),
    ],
    [
      `${docs}/swagger-ui-bundle.js`,
      createAsset(() => readModule(import.meta.resolve('swagger-ui-dist/swagger-ui-bundle.js')), {
        contentType: 'text/javascript; charset=utf-8',
        cacheControl: forADay,
      }),
    ],
  ]);
}

function readModule(url: string): Promise<Buffer> {
  return readFile(new URL(url));
}

const homeStyle = `
body { font: 1rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto 0; padding: 0 1.5rem; color: #17313b; background: #fbfcfc }
h1 { font-size: 1.75rem; margin: 0 0 .5rem } a { color: #0b6e83 }
@media (prefers-color-scheme: dark) { body { color: #dce8ea; background: #10191c } a { color: #6cc3d5 } }
`;

function homePage(basePath: string): Asset {
  return page(
    `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Headwater</title>
<style>${homeStyle}</style>
<h1>Headwater</h1>
<p>Where each customer came from, and what every source is worth.</p>
<ul>
<li><a href="${basePath}/">The dashboard</a></li>
<li><a href="${basePath}/docs">The API, to read and to try</a></li>
<li><a href="${basePath}/openapi.json">Its OpenAPI document</a></li>
<li><a href="/readyz">Is everything ready?</a></li>
</ul>
</html>
`,
    `style-src 'sha256-${createHash('sha256').update(homeStyle).digest('base64')}'`,
  );
}

function documentationPage(docs: string): Asset {
  return page(
    `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Headwater API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${docs}/swagger-ui.css">
<div id="documentation"></div>
<script src="${docs}/swagger-ui-bundle.js"></script>
<script src="${docs}/start.js"></script>
</html>
`,
    // Swagger UI draws its icons from data URLs and sets styles on its elements.
    "script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'",
  );
}

function documentationStart(basePath: string): Asset {
  const settings = `{ url: '${basePath}/openapi.json', dom_id: '#documentation', deepLinking: true, validatorUrl: null }`;
  return createAsset(() => Promise.resolve(Buffer.from(`SwaggerUIBundle(${settings});\n`)), {
    contentType: 'text/javascript; charset=utf-8',
    cacheControl: 'no-cache',
  });
}

function page(html: string, policy: string): Asset {
  return createAsset(() => Promise.resolve(Buffer.from(html)), {
    contentType: 'text/html; charset=utf-8',
    cacheControl: 'no-cache',
    headers: [
      [
        'content-security-policy',
        `default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; ${policy}`,
      ],
      ['referrer-policy', 'no-referrer'],
    ],
  });
}
