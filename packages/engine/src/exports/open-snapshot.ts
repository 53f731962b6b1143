import { systemClock } from '../kernel/clock.ts';
import type { Clock } from '../kernel/clock.ts';
import { createKeyring } from '../security/keyring.ts';
import type { Secret } from '../security/keyring.ts';
import { createSnapshotHandler } from './serve-snapshot.ts';
import { readSnapshot } from './signed-snapshot.ts';

export interface OpenSnapshot {
  readonly links: number;
  readonly madeAt: Date;
  /** Answers with the redirects of the snapshot; counts nobody and sets no cookies. */
  readonly handler: (request: Request) => Response;
}

/**
 * Opens a signed snapshot of links, to be served where there is no database.
 * @throws {UntrustedSnapshotError} it is not what was signed with one of the secrets.
 */
export async function openSnapshot(
  lines: AsyncIterable<string> | Iterable<string>,
  {
    secret,
    clock = systemClock,
  }: { readonly secret: string | readonly Secret[]; readonly clock?: Clock },
): Promise<OpenSnapshot> {
  const secrets = typeof secret === 'string' ? [{ id: 'k1', value: secret }] : secret;
  const { links, madeAt } = await readSnapshot(createKeyring(secrets), lines);
  return { links: links.length, madeAt, handler: createSnapshotHandler(links, clock) };
}
