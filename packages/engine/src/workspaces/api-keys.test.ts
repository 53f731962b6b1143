import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { day, hour, minute, second } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import { createKeyring } from '../security/keyring.ts';
import { createApiKeyDirectory } from './api-key-directory.ts';
import { createApiKey } from './create-api-key.ts';
import { createWorkspace } from './create-workspace.ts';
import { listApiKeys } from './list-api-keys.ts';
import { revokeApiKey } from './revoke-api-key.ts';
import { rotateApiKey } from './rotate-api-key.ts';
import { updateApiKey } from './update-api-key.ts';
import { verifyApiKey } from './verify-api-key.ts';
import type { Workspace } from './workspace.ts';

describe.each(testDatabaseSizes)('API keys on %s', (size) => {
  let context: TestContext;
  let workspace: Workspace;
  let stranger: Workspace;
  beforeAll(async () => {
    context = await openTestContext(size);
    workspace = await context.workspaces.first();
    stranger = orThrow(await createWorkspace(context, { name: 'Stranger' }));
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const secretKey = async (name: string, expiresAt?: Date) =>
    orThrow(await createApiKey(context, workspace, { kind: 'secret', name, expiresAt }));

  it('shows the key once and stores a keyed hash of it', async () => {
    const created = await secretKey('once');
    expect(created.key).toMatch(/^hw_sk_[A-Za-z0-9_-]{32}$/);
    expect(created.displayPrefix).toBe(created.key.slice(0, 12));
    const [listed] = orThrow(await listApiKeys(context, workspace)).apiKeys;
    expect(listed).toMatchObject({ id: created.id, scopes: ['read', 'write'] });
    expect(listed).not.toHaveProperty('key');
    const row = await context.database.db
      .selectFrom('api_key')
      .selectAll()
      .where('id', '=', created.id)
      .executeTakeFirstOrThrow();
    expect(JSON.stringify(row)).not.toContain(created.key.slice(12));
    expect(Buffer.from(row.key_hash)).toHaveLength(32);
  });

  it('knows a valid key and no other text', async () => {
    const created = await secretKey('valid');
    expect(await verifyApiKey(context, created.key)).toMatchObject({
      ok: true,
      value: { id: created.id, workspaceId: workspace.id },
    });
    for (const text of [
      '',
      'hw_sk_',
      'x'.repeat(100_000),
      `${created.key}a`,
      created.key.toLowerCase(),
      'hw_sk_\0',
    ]) {
      expect(await verifyApiKey(context, text)).toMatchObject({ ok: false, code: 'unauthorized' });
    }
  });

  it('finds keys that an older secret of the installation hashed', async () => {
    const created = await secretKey('older secret');
    const keyring = createKeyring([
      { id: 'next', value: 'the next secret, which is long enough too' },
      { id: 'test', value: 'a secret of the tests that is long enough' },
    ]);
    const apiKeys = createApiKeyDirectory({ ...context, keyring });
    expect((await apiKeys.find(created.key))?.id).toBe(created.id);
  });

  it('refuses a key after its expiry', async () => {
    const created = await secretKey('short', new Date(context.clock.now() + hour));
    expect(await verifyApiKey(context, created.key)).toMatchObject({ ok: true });
    context.clock.moveBy(hour);
    expect(await verifyApiKey(context, created.key)).toMatchObject({ code: 'api_key_expired' });
  });

  it('refuses a revoked key at once here, and after half a minute in a process that heard nothing', async () => {
    const created = await secretKey('revoked');
    const deaf = context.another();
    expect(await verifyApiKey(deaf, created.key)).toMatchObject({ ok: true });
    expect(await revokeApiKey(context, stranger, created)).toMatchObject({
      code: 'api_key_not_found',
    });
    const revoked = orThrow(await revokeApiKey(context, workspace, created));
    expect(await revokeApiKey(context, workspace, created)).toEqual({ ok: true, value: revoked });
    expect(await verifyApiKey(context, created.key)).toMatchObject({ code: 'api_key_revoked' });
    expect(await verifyApiKey(deaf, created.key)).toMatchObject({ ok: true });
    context.clock.moveBy(31 * second);
    expect(await verifyApiKey(deaf, created.key)).toMatchObject({ code: 'api_key_revoked' });
  });

  it('keeps a rotated key valid for the grace period and gives the new one the same rights', async () => {
    const old = orThrow(
      await createApiKey(context, workspace, {
        kind: 'publishable',
        name: 'site',
        allowedHosts: ['Shop.Example.com', '*.example.org'],
        expiresAt: new Date(context.clock.now() + 90 * day),
      }),
    );
    context.clock.moveBy(day);
    const next = orThrow(
      await rotateApiKey(context, workspace, { id: old.id, grace: { hours: 2 } }),
    );
    expect(next).toMatchObject({
      kind: 'publishable',
      scopes: ['beacon'],
      allowedHosts: ['shop.example.com', '*.example.org'],
      replacesId: old.id,
      expiresAt: new Date(context.clock.now() + 90 * day),
    });
    expect(await verifyApiKey(context, old.key)).toMatchObject({ ok: true });
    context.clock.moveBy(2 * hour);
    expect(await verifyApiKey(context, old.key)).toMatchObject({ code: 'api_key_expired' });
    expect(await verifyApiKey(context, next.key)).toMatchObject({ ok: true });
    expect(await rotateApiKey(context, workspace, { id: old.id })).toMatchObject({
      code: 'api_key_inactive',
    });
  });

  it('ends the old key at once with a grace of nothing', async () => {
    const old = await secretKey('leaked');
    orThrow(await rotateApiKey(context, workspace, { id: old.id, grace: {} }));
    expect(await verifyApiKey(context, old.key)).toMatchObject({ code: 'api_key_expired' });
  });

  it('refuses scopes and hosts that do not fit the kind', async () => {
    const refused = async (input: object) => {
      const result = await createApiKey(context, workspace, {
        kind: 'secret',
        name: 'x',
        ...input,
      });
      return result.ok ? [] : Object.keys(result.errors ?? {});
    };
    expect(await refused({ kind: 'publishable', scopes: ['read'] })).toEqual(['scopes']);
    expect(await refused({ scopes: ['beacon'] })).toEqual(['scopes']);
    expect(await refused({ scopes: [] })).toEqual(['scopes']);
    expect(await refused({ allowedHosts: ['shop.test'] })).toEqual(['allowedHosts']);
    expect(
      await refused({ kind: 'publishable', allowedHosts: ['a b', 'https://shop.test/x'] }),
    ).toEqual(['allowedHosts[0]', 'allowedHosts[1]']);
    expect(await refused({ name: '', expiresAt: new Date(0) })).toEqual(['name', 'expiresAt']);
  });

  it('changes what is named and leaves the rest', async () => {
    const created = await secretKey('before', new Date(context.clock.now() + day));
    const renamed = orThrow(
      await updateApiKey(context, workspace, { id: created.id, name: 'after' }),
    );
    expect(renamed).toMatchObject({
      name: 'after',
      expiresAt: created.expiresAt,
      scopes: ['read', 'write'],
    });
    const narrowed = orThrow(
      await updateApiKey(context, workspace, { id: created.id, scopes: ['read'], expiresAt: null }),
    );
    expect(narrowed).toMatchObject({ name: 'after', expiresAt: undefined, scopes: ['read'] });
    expect(await updateApiKey(context, stranger, { id: created.id, name: 'mine' })).toMatchObject({
      code: 'api_key_not_found',
    });
  });

  it('writes the last use at most once a minute', async () => {
    const created = await secretKey('used');
    const lastUse = async () =>
      orThrow(await listApiKeys(context, workspace, { limit: 200 })).apiKeys.find(
        ({ id }) => id === created.id,
      )?.lastUsedAt;
    const start = context.clock.now();
    await verifyApiKey(context, created.key);
    expect(await lastUse()).toEqual(new Date(start));
    context.clock.moveBy(59 * second);
    await verifyApiKey(context, created.key);
    await verifyApiKey(context.another(), created.key);
    expect(await lastUse()).toEqual(new Date(start));
    context.clock.moveBy(second);
    await verifyApiKey(context, created.key);
    expect(await lastUse()).toEqual(new Date(start + minute));
  });
});
