import { hashPassword } from '../security/password-hash.ts';
import type { LinkChanges } from './link.ts';

/**
 * The hash of each password that is given, by the place of its link; `null` takes a password away. Before a transaction
 * begins: each takes a tenth of a second. What is no password is refused where the link is checked.
 */
export async function hashPasswords(
  links: ReadonlyArray<Pick<LinkChanges, 'password'>>,
): Promise<ReadonlyMap<number, string | null>> {
  const hashes = new Map<number, string | null>();
  for (const [index, { password }] of links.entries()) {
    if (password === undefined) continue;
    hashes.set(index, typeof password === 'string' ? await hashPassword(password) : null);
  }
  return hashes;
}
