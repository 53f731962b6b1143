import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** Answers with one of the scripts that pages load; `undefined` where there is none of this name. */
export type AnswerScript = (name: string, headers: Headers) => Promise<Response | undefined>;

interface Script {
  readonly text: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/** The scripts of `@headwater/browser`, each read when it is first asked for. */
export function createBrowserScripts(): AnswerScript {
  const scripts = new Map<string, Promise<Script>>();
  return async function answerScript(name, headers) {
    const url = addressOf(name);
    if (url === undefined) return undefined;
    let reading = scripts.get(name);
    if (reading === undefined) {
      reading = readScript(url);
      scripts.set(name, reading);
      // A file that a build is just replacing is looked for again.
      reading.catch(() => scripts.delete(name));
    }
    const { text, etag } = await reading;
    const sent = { ...scriptHeaders, etag };
    return headers.get('if-none-match')?.includes(etag) === true
      ? new Response(null, { status: 304, headers: sent })
      : new Response(text, { headers: sent });
  };
}

const scriptHeaders = {
  'content-type': 'text/javascript; charset=utf-8',
  // Sites embed the address, so it cannot carry a version: an hour, then a revalidation.
  'cache-control': 'public, max-age=3600, stale-while-revalidate=86400',
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
};

/** The package says itself which scripts it has, and gives no other file away. */
function addressOf(name: string): URL | undefined {
  if (!/^[a-z-]+\.js$/.test(name)) return undefined;
  try {
    return new URL(import.meta.resolve(`@headwater/browser/${name}`));
  } catch {
    return undefined;
  }
}

async function readScript(url: URL): Promise<Script> {
  const text = new Uint8Array(await readFile(url));
  const digest = createHash('sha256').update(text).digest('base64url').slice(0, 22);
  // Weak, because a proxy may compress it (RFC 9110 §8.8.1).
  return { text, etag: `W/"${digest}"` };
}
