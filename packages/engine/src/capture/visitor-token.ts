import { hmac } from '../security/keyring.ts';
import type { Workspace } from '../workspaces/workspace.ts';

const tokenBytes = 16;
const tokenLength = 22;
const poolSize = tokenBytes * 256;

let pool = Buffer.alloc(0);
let offset = 0;

/** 128 random bits as 22 characters of base64url: what a browser is recognised by. */
export function createVisitorToken(): string {
  if (offset >= pool.length) {
    // Drawn in blocks: a call to the CSPRNG for each click would cost more than the rest of the token.
    pool = Buffer.from(crypto.getRandomValues(new Uint8Array(poolSize)));
    offset = 0;
  }
  const start = offset;
  offset += tokenBytes;
  const token = pool.toString('base64url', start, offset);
  pool.fill(0, start, offset);
  return token;
}

export function isVisitorToken(text: string | undefined): text is string {
  if (text === undefined || text.length !== tokenLength) return false;
  for (let index = 0; index < tokenLength; index += 1) {
    const code = text.charCodeAt(index);
    const allowed =
      (code >= 97 && code <= 122) ||
      (code >= 65 && code <= 90) ||
      (code >= 48 && code <= 57) ||
      code === 45 ||
      code === 95;
    if (!allowed) return false;
  }
  return true;
}

/**
 * The visitor token that a page's own id stands for: itself where it has the form of one, as our client's has,
 * otherwise one made from it, so that the API and the page mean the same visitor.
 */
export function anonymousToken(workspace: Pick<Workspace, 'dataKey'>, anonymousId: string): string {
  const derive = (id: string): string =>
    hmac(workspace.dataKey, `anonymous\0${id}`).toString('base64url', 0, 16);
  return isVisitorToken(anonymousId) ? anonymousId : derive(anonymousId);
}
