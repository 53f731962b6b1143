import type { Context } from '../context.ts';
import type { RedirectLink } from '../links/redirect-link.ts';
import { isPassword } from '../security/password-hash.ts';
import { networkOf } from './beacon-access.ts';
import { BodyTooLargeError } from './exchange.ts';
import type { IncomingRequest, OutgoingResponse } from './exchange.ts';
import { passwordPage } from './link-page.ts';
import { unavailable } from './look-up-link.ts';

const bodyBytesMax = 4_096;
const passwordLengthMax = 128;

/** `undefined` for the right password; otherwise what is answered. Wrong ones are counted by link and network. */
export async function checkPassword(
  context: Pick<Context, 'limiter'>,
  link: RedirectLink,
  hash: string,
  request: IncomingRequest,
): Promise<OutgoingResponse | undefined> {
  // Known from a snapshot, which holds no hashes.
  if (hash === '') return unavailable;
  const given = await readPassword(request);
  if (given === undefined) return passwordPage(400, 'Enter the password.');
  // Where it is not known who asks, all of them are one.
  const subject = `${link.id} ${networkOf(request) ?? 'somebody'}`;
  const taken = await context.limiter.takeTogether('linkPasswords', subject);
  if (!taken.ok) {
    const seconds = taken.retryAfterSeconds;
    return passwordPage(429, `Too many attempts. Try again in ${seconds} seconds.`, [
      ['retry-after', String(seconds)],
    ]);
  }
  if (!(await isPassword(given, hash))) return passwordPage(403, 'That is not the password.');
  taken.giveBack();
  return undefined;
}

async function readPassword(request: IncomingRequest): Promise<string | undefined> {
  const type = request.header('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) return undefined;
  try {
    const body = new TextDecoder().decode(await request.body(bodyBytesMax));
    const password = new URLSearchParams(body).get('password');
    return password === null || password === '' || password.length > passwordLengthMax
      ? undefined
      : password;
  } catch (error) {
    if (error instanceof BodyTooLargeError) return undefined;
    throw error;
  }
}
