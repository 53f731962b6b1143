import { HeadwaterError } from '../kernel/errors.ts';
import type { Keyring } from '../security/keyring.ts';

/** Whose credentials they are. */
interface Owner {
  readonly workspaceId: string;
  readonly type: string;
}

const purpose = 'connector-credentials';

/**
 * Credentials as they are stored: JSON, sealed by the installation's secret (AES-256-GCM). The id of the secret stands
 * in front, so that a newer one can take over: every change writes with the current one.
 */
export function sealCredentials(
  keyring: Keyring,
  { workspaceId, type }: Owner,
  values: Readonly<Record<string, string>>,
): Uint8Array {
  const text = JSON.stringify({ workspaceId, type, values });
  return keyring.encrypt(purpose, Buffer.from(text, 'utf8'));
}

/**
 * @throws {ConfigurationError} they were sealed with a secret that is not configured any more.
 * @throws {HeadwaterError} they are another connector's: somebody has moved rows about.
 */
export function openCredentials(
  keyring: Keyring,
  { workspaceId, type }: Owner,
  sealed: Uint8Array | undefined,
): Readonly<Record<string, string>> {
  if (sealed === undefined) return {};
  const opened = JSON.parse(keyring.decrypt(purpose, sealed).toString('utf8')) as Owner & {
    readonly values: Readonly<Record<string, string>>;
  };
  if (opened.workspaceId !== workspaceId || opened.type !== type)
    throw new HeadwaterError(
      'credentials_moved',
      'Stored credentials belong to another connector.',
    );
  return opened.values;
}
