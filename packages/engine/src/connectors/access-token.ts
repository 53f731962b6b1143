import type { Context } from '../context.ts';
import { minute, second } from '../kernel/clock.ts';
import type { Configuration, Connector, TokenAnswer } from './connector.ts';
import { updateAccessToken } from './connector-store.ts';
import { openCredentials, sealCredentials } from './credentials.ts';
import { refreshAccessToken } from './refresh-access-token.ts';
import type { StoredConnector } from './stored-connector.ts';

/** A token that is about to expire would on its way. */
const margin = 2 * minute;

export type AccessToken =
  | { readonly outcome: 'token'; readonly accessToken: string | undefined }
  | Exclude<TokenAnswer, { readonly outcome: 'token' }>;

/**
 * The short-lived token of a connector with `oauth`: the stored one while it lasts, else one that is got for the
 * credentials and stored, sealed, for every process. `undefined` where the connector needs none.
 *
 * @param fresh the stored one is refused
 */
export async function accessTokenFor(
  context: Pick<Context, 'database' | 'keyring' | 'clock' | 'connectors'>,
  connector: Connector,
  stored: StoredConnector,
  configuration: Configuration,
  { fresh }: { readonly fresh: boolean },
): Promise<AccessToken> {
  const { keyring, clock, connectors, database } = context;
  const { sealedAccessToken, accessExpiresAt } = stored;
  const isGood = (accessExpiresAt?.getTime() ?? 0) - margin > clock.now();
  if (!fresh && isGood && sealedAccessToken !== undefined) {
    const { access_token: accessToken } = openCredentials(keyring, stored, sealedAccessToken);
    return { outcome: 'token', accessToken };
  }
  const answer = await refreshAccessToken(
    connector,
    { ...configuration, now: new Date(clock.now()) },
    connectors,
  );
  if (answer === undefined) return { outcome: 'token', accessToken: undefined };
  if (answer.outcome !== 'token') return answer;
  const { accessToken, expiresInSeconds, refreshToken } = answer;
  await updateAccessToken(database.db, stored, {
    sealed: sealCredentials(keyring, stored, { access_token: accessToken }),
    expiresAt: new Date(clock.now() + expiresInSeconds * second),
    // The old one is void with the first use of it.
    sealedCredentials:
      refreshToken === undefined
        ? undefined
        : sealCredentials(keyring, stored, {
            ...openCredentials(keyring, stored, stored.sealedCredentials),
            refresh_token: refreshToken,
          }),
  });
  return { outcome: 'token', accessToken };
}
