import { LRUCache } from 'lru-cache';

import type { Context } from '../context.ts';
import { minute, second } from '../kernel/clock.ts';
import { describeFault } from '../kernel/describe-fault.ts';
import { isApiKeyText } from './api-key.ts';
import type { ApiKey, ApiKeyDirectory } from './api-key.ts';
import { findApiKeyByHash, hasApiKeys, touchApiKey } from './api-key-store.ts';

const rememberedMax = 10_000;
const rememberedMilliseconds = 30 * second;

export function createApiKeyDirectory(
  context: Pick<Context, 'database' | 'clock' | 'keyring' | 'logger' | 'changeLog'>,
): ApiKeyDirectory {
  const { database, clock, keyring, logger, changeLog } = context;
  const keys = new LRUCache<string, Promise<ApiKey | undefined>>({
    max: rememberedMax,
    ttl: rememberedMilliseconds,
    // A resolution of 0 asks our clock each time; the cache's own way sets a timer.
    ttlResolution: 0,
    perf: { now: () => clock.now() },
  });
  const usedAt = new LRUCache<string, number>({ max: rememberedMax });

  let some = false;
  changeLog.subscribe('api_key', () => keys.clear());

  return {
    async find(key) {
      if (!isApiKeyText(key)) return undefined;
      await changeLog.catchUp();
      const hashes = keyring.hashes('api-key', key);
      const name = hashes[0]!.toString('latin1');
      const known = keys.get(name);
      if (known !== undefined) return known;
      const loading = findApiKeyByHash(database.db, hashes);
      keys.set(name, loading);
      loading.catch(() => {
        if (keys.peek(name) === loading) keys.delete(name);
      });
      return loading;
    },
    async any() {
      // Keys are revoked, never deleted: once there is one, there is one for ever.
      some ||= await hasApiKeys(database.db);
      return some;
    },
    async noteUse(apiKey) {
      const now = clock.now();
      const last = Math.max(
        usedAt.get(apiKey.id) ?? -Infinity,
        apiKey.lastUsedAt?.getTime() ?? -Infinity,
      );
      if (now - last < minute) return;
      usedAt.set(apiKey.id, now);
      try {
        await touchApiKey(
          database.db,
          apiKey.workspaceId,
          apiKey.id,
          new Date(now),
          new Date(now - minute),
        );
      } catch (error) {
        logger.warn('the last use of an API key was not written', {
          apiKeyId: apiKey.id,
          error: describeFault(error),
        });
      }
    },
    forget: () => keys.clear(),
  };
}
