import { serverCookie } from '../capture/cookies.ts';
import type { OutgoingResponse } from '../capture/exchange.ts';
import { day, second } from '../kernel/clock.ts';
import type { HookAnswer } from './hook.ts';

const daysMax = 400;
/** RFC 6265 §4.1.1: a token, and cookie-octets; browsers ignore more than 4096 bytes of both. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const cookieValue = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;
const cookieLengthMax = 4_096;
/** RFC 9110 §5.5, without what is not ASCII. */
const headerValue = /^[\t\x20-\x7e]*$/;
/** What makes the answer the redirect that it is. */
const ownHeaders = new Set([
  'cache-control',
  'connection',
  'content-length',
  'location',
  'referrer-policy',
  'set-cookie',
  'transfer-encoding',
]);

/** The headers that a hook asks for, and what it asked for in vain, for the log. */
export function readHookAnswer(
  answer: HookAnswer,
  secure: boolean,
): { readonly headers: OutgoingResponse['headers']; readonly problems: readonly string[] } {
  const headers: Array<readonly [string, string]> = [];
  const problems: string[] = [];
  for (const { name, value, days } of answer.setCookies ?? []) {
    const problem = cookieProblem(name, value, days);
    if (problem === undefined)
      headers.push(['set-cookie', serverCookie(name, value, (days * day) / second, secure)]);
    else problems.push(`setCookies: ${problem}`);
  }
  for (const [name, value] of Object.entries(answer.headers ?? {})) {
    const lower = name.toLowerCase();
    if (!token.test(name)) problems.push('headers: a name must be a token');
    else if (ownHeaders.has(lower)) problems.push(`headers: ${lower} is the redirect's own`);
    else if (!headerValue.test(value)) problems.push(`headers: the value of ${lower} is malformed`);
    else headers.push([lower, value]);
  }
  return { headers, problems };
}

function cookieProblem(name: string, value: string, days: number): string | undefined {
  if (!token.test(name)) return 'name must be a token';
  if (!cookieValue.test(value)) return `the value of ${name} must be made of cookie octets`;
  if (name.length + value.length > cookieLengthMax)
    return `name and value of ${name} must have at most ${cookieLengthMax} characters`;
  if (!Number.isInteger(days) || days < 0 || days > daysMax)
    return `the days of ${name} must be a whole number from 0 to ${daysMax}`;
  return undefined;
}
