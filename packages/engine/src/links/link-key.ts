import { isPathKey } from './link-pattern.ts';

/** Letters and digits that cannot be taken for one another: no 0, O, 1, l, I. */
const alphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

const lengthMax = 255;

/** What the server answers itself on a link domain, and what crawlers and browsers ask every host for. */
const reserved = new Set([
  'hw',
  'api',
  'healthz',
  'readyz',
  'metrics',
  'qr',
  'robots.txt',
  'favicon.ico',
  '.well-known',
]);

/** A random key: about 41 bits with the usual seven characters. */
export function generateKey(length = 7): string {
  let key = '';
  while (key.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(length * 2))) {
      // Of 64 equally likely values the seven beyond the alphabet are thrown away, so that no letter is favoured.
      const character = alphabet[byte & 63];
      if (character !== undefined && key.length < length) key += character;
    }
  }
  return key;
}

/** Whether the text could be the key of a link: 1 to 255 of `[A-Za-z0-9_-]`. A scan, because every redirect asks. */
export function isKey(text: string): boolean {
  if (text.length === 0 || text.length > lengthMax) return false;
  for (let index = 0; index < text.length; index += 1) {
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

/** Whether a path of the server would hide a link with this key. */
export function isReservedKey(key: string, basePath: string): boolean {
  const name = key.toLowerCase();
  return reserved.has(name) || name === basePath.split('/')[1]?.toLowerCase();
}

/** What is wrong with a key that somebody chose, if anything. */
export function keyProblem(key: unknown, basePath: string): string | undefined {
  if (typeof key !== 'string') return 'must be a string';
  if (key.length > lengthMax || (!isKey(key) && !isPathKey(key)))
    return `must have 1 to ${lengthMax} letters, digits, "-" or "_", or several such parts between "/", of which the last ones may be ":name" or "*"`;
  if (isReservedKey(key.split('/')[0] ?? '', basePath)) return 'is reserved';
  return undefined;
}
