import { randomBytes } from 'node:crypto';

import { textProblem } from '../kernel/json-limits.ts';
import { hmac } from '../security/keyring.ts';
import type { Workspace } from '../workspaces/workspace.ts';

/** 62 symbols, as Usher's: 16 of them carry 95 bits. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** The largest multiple of 62 in a byte: what is above it would make some symbols likelier. */
const byteLimit = 256 - (256 % alphabet.length);
const tokenLengthMax = 255;
const prefixLengthMax = 4;

/** Where random bytes come from; tests give their own. */
export type RandomBytes = (count: number) => Uint8Array;

/** A token of letters and digits, each as likely as the others. */
export function generateToken(length: number, random: RandomBytes = randomBytes): string {
  let token = '';
  while (token.length < length) {
    for (const byte of random(Math.max(2 * (length - token.length), 32))) {
      if (byte >= byteLimit) continue;
      token += alphabet.charAt(byte % alphabet.length);
      if (token.length === length) break;
    }
  }
  return token;
}

/** The spelling in which tokens are compared: without spaces around it, in NFC. Upper and lower case differ. */
export function normaliseToken(token: string): string {
  return token.trim().normalize('NFC');
}

/** What is wrong with a token of the caller's own. */
export function tokenProblem(token: unknown): string | undefined {
  if (typeof token !== 'string' || normaliseToken(token) === '') return 'must not be empty';
  if (token.length > tokenLengthMax) return `must have at most ${tokenLengthMax} characters`;
  if (/\p{Control}/u.test(token)) return 'must not contain control characters';
  return textProblem(token);
}

/** What is stored instead of the token. */
export function hashToken(workspace: Workspace, token: string): Buffer {
  return hmac(workspace.dataKey, `invitation_token\0${normaliseToken(token)}`);
}

/** To tell invitations apart: a quarter of the token at most, so that the rest is as good as all of it. */
export function prefixOfToken(token: string): string {
  const characters = Array.from(token);
  return characters.slice(0, Math.min(prefixLengthMax, Math.floor(characters.length / 4))).join('');
}
