import { createHash } from 'node:crypto';

import { prepareRedirectLink } from '../links/redirect-link.ts';
import type { RedirectLink, StoredRedirectLink } from '../links/redirect-link.ts';
import { equalInConstantTime } from '../security/keyring.ts';
import type { Keyring } from '../security/keyring.ts';

const format = 'headwater-links';
const version = 1;
const purpose = 'link-snapshot';

interface Head {
  readonly format: typeof format;
  readonly version: typeof version;
  readonly workspace_id: string;
  readonly made_at: string;
}

interface Seal {
  readonly links: number;
  readonly key_id: string;
  /** HMAC-SHA-256, in hexadecimal digits, over the SHA-256 of every line before with its line break. */
  readonly signature: string;
}

/** The snapshot cannot be believed: it was changed, cut off, or signed with another secret. */
export class UntrustedSnapshotError extends Error {
  override readonly name = 'UntrustedSnapshotError';
  readonly code = 'untrusted_snapshot';
}

/**
 * Links as lines of JSON between a header and a signature, to be served where there is no database
 * ({@link readSnapshot}). Whoever can read it learns where each link leads.
 */
export async function* writeSnapshot(
  keyring: Keyring,
  details: { readonly workspaceId: string; readonly madeAt: Date },
  pages: AsyncIterable<readonly StoredRedirectLink[]>,
): AsyncGenerator<string> {
  const digest = createHash('sha256');
  const sign = (line: string): string => {
    digest.update(line);
    return line;
  };
  const head: Head = {
    format,
    version,
    workspace_id: details.workspaceId,
    made_at: details.madeAt.toISOString(),
  };
  yield sign(`${JSON.stringify(head)}\n`);
  let links = 0;
  for await (const page of pages) {
    if (page.length === 0) continue;
    links += page.length;
    yield sign(page.map((link) => `${JSON.stringify(link)}\n`).join(''));
  }
  // The number is signed too: it stands in what is hashed.
  const signature = keyring.hash(purpose, `${digest.digest('hex')} ${links}`).toString('hex');
  const seal: Seal = { links, key_id: keyring.currentId, signature };
  yield `${JSON.stringify(seal)}\n`;
}

export interface Snapshot {
  readonly madeAt: Date;
  readonly links: readonly RedirectLink[];
}

/**
 * Reads a snapshot whole, or not at all.
 * @throws {UntrustedSnapshotError} one byte of it is not what was signed with one of the secrets.
 */
export async function readSnapshot(
  keyring: Keyring,
  lines: AsyncIterable<string> | Iterable<string>,
): Promise<Snapshot> {
  const digest = createHash('sha256');
  const before: string[] = [];
  let last: string | undefined;
  for await (const line of lines) {
    if (line === '') continue;
    if (last !== undefined) {
      digest.update(`${last}\n`);
      before.push(last);
    }
    last = line;
  }
  const seal = parse<Seal>(last ?? '');
  const [headLine, ...linkLines] = before;
  const head = parse<Head>(headLine ?? '');
  if (head?.format !== format) throw untrusted('is no snapshot of links, or is cut off');
  if (typeof seal?.signature !== 'string' || seal.links !== linkLines.length)
    throw untrusted('is cut off');
  const signature = Buffer.from(seal.signature, 'hex');
  const expected = keyring.hashes(purpose, `${digest.digest('hex')} ${seal.links}`);
  if (!expected.some((hash) => equalInConstantTime(hash, signature)))
    throw untrusted(
      `was changed, or was signed with another secret than the ones given (${seal.key_id})`,
    );
  // Known to be ours from here on; a later version may say more than this one understands.
  if (Number(head.version) !== version) throw untrusted('was made by a later version');
  return {
    madeAt: new Date(String(head.made_at)),
    links: linkLines.map((line) => prepareRedirectLink(JSON.parse(line) as StoredRedirectLink)),
  };
}

function parse<T>(line: string): Partial<T> | undefined {
  try {
    return JSON.parse(line) as Partial<T>;
  } catch {
    return undefined;
  }
}

function untrusted(problem: string): UntrustedSnapshotError {
  return new UntrustedSnapshotError(`The snapshot ${problem}.`);
}
