import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTestContext, testDatabaseSizes } from '../../../../test/support/context.ts';
import type { TestContext } from '../../../../test/support/context.ts';
import { dumpTables } from '../../../../test/support/rows.ts';
import { day, hour, minute } from '../kernel/clock.ts';
import { orThrow } from '../kernel/result.ts';
import { createLibrary } from '../library.ts';
import type { Library } from '../library.ts';
import { createWorkspace } from '../workspaces/create-workspace.ts';

const options = { invitations: { signingSecret: 'test-secret' } };
const nowhere = '01900000-0000-7000-8000-000000000000';

describe.each(testDatabaseSizes)('invitations on %s', (size) => {
  let context: TestContext;
  let hw: Library;
  let otherId: string;
  beforeAll(async () => {
    context = await openTestContext(size, options);
    await context.workspaces.first();
    hw = createLibrary(context);
    otherId = orThrow(await createWorkspace(context, { name: 'Other' })).id;
  }, 30_000);
  afterAll(() => context[Symbol.asyncDispose]());

  const create = async (input: Parameters<typeof hw.invitations.create>[0] = {}) =>
    orThrow(await hw.invitations.create(input));
  const now = () => context.clock.now();
  const inDays = (days: number) => new Date(now() + days * day);

  /** Valid when it was made, expired since. */
  async function createExpired(days = 1) {
    const invitation = await create({ expiresIn: { hours: 1 } });
    context.clock.moveBy(days * day + hour);
    return invitation;
  }

  describe('create', () => {
    it('makes a token of 16 letters and digits that lasts seven days', async () => {
      const invitation = await create({ name: 'Test Invitation' });
      expect(invitation.token).toMatch(/^[0-9A-Za-z]{16}$/);
      expect(invitation).toMatchObject({
        name: 'Test Invitation',
        tokenPrefix: invitation.token.slice(0, 4),
        signed: false,
        status: 'active',
        expiresAt: inDays(7),
        uses: 0,
        usesMax: null,
        attributes: {},
        emails: [],
        owner: null,
      });
    });

    it('makes tokens of the configured length, and another one each time', async () => {
      const short = createLibrary(context.another({ invitations: { tokenLength: 6 } }));
      const tokens = new Set<string>();
      for (let count = 0; count < 3; count += 1)
        tokens.add(orThrow(await short.invitations.create()).token);
      expect(tokens.size).toBe(3);
      for (const token of tokens) expect(token).toMatch(/^[0-9A-Za-z]{6}$/);
    });

    it('keeps a token of the caller and an end to the millisecond', async () => {
      const expiresAt = inDays(30);
      expect(await create({ token: 'custom_token', expiresAt })).toMatchObject({
        token: 'custom_token',
        expiresAt,
      });
      expect(await create({ token: 'custom_token_123' })).toMatchObject({
        token: 'custom_token_123',
      });
    });

    it('compares tokens without spaces around them and in NFC, and by case', async () => {
      const invitation = await create({ token: '  cafe\u0301 ' });
      expect(invitation.token).toBe('caf\u00e9');
      const found = orThrow(await hw.invitations.validate('caf\u00e9'));
      expect(found.id).toBe(invitation.id);
      expect(orThrow(await hw.invitations.validate(' cafe\u0301')).id).toBe(invitation.id);
      expect(await hw.invitations.validate('CAF\u00c9')).toMatchObject({ code: 'invalid_token' });
    });

    it('gives attributes back as plain JSON, also from the database', async () => {
      const attributes = {
        role: 'manager',
        tags: ['marketing', 'content'],
        department: 'Marketing',
        nested: { since: new Date('2024-01-01T00:00:00Z'), nothing: undefined, no: null },
      };
      const stored = {
        ...attributes,
        nested: { since: '2024-01-01T00:00:00.000Z', no: null },
      };
      const created = await create({ attributes });
      expect(created.attributes).toEqual(stored);
      expect((await hw.invitations.get(created.id))?.attributes).toEqual(stored);
      expect(orThrow(await hw.invitations.validate(created.token)).attributes).toEqual(stored);
    });

    it('refuses a token that is taken, without another try', async () => {
      const first = await create({ token: 'duplicate_token' });
      expect(await hw.invitations.create({ token: ' duplicate_token ' })).toMatchObject({
        ok: false,
        code: 'token_taken',
        errors: { token: ['has already been taken'] },
      });
      orThrow(await hw.invitations.archive(first));
      expect((await create({ token: 'duplicate_token' })).id).not.toBe(first.id);
    });

    it('gives up after five tokens that are all taken', async () => {
      let inserts = 0;
      const counting: Parameters<typeof context.database.db.withPlugin>[0] = {
        transformQuery({ node }) {
          if (node.kind === 'InsertQueryNode') inserts += 1;
          return node;
        },
        transformResult: ({ result }) => Promise.resolve(result),
      };
      const another = context.another({ invitations: { tokenLength: 1 } });
      const db = another.database.db.withPlugin(counting);
      const tiny = createLibrary({ ...another, database: { ...another.database, db } });
      // All 62 of them.
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
      for (const token of alphabet) orThrow(await tiny.invitations.create({ token }));
      inserts = 0;
      expect(await tiny.invitations.create()).toMatchObject({ code: 'too_many_token_attempts' });
      expect(inserts).toBe(5);
    });

    it.each([
      [{ weeks: 2 }, 14],
      [{ days: 1 }, 1],
    ])('lasts %j', async (expiresIn, days) => {
      expect((await create({ expiresIn })).expiresAt).toEqual(inDays(days));
    });

    it('lasts for ever where null says so, and as the options say otherwise', async () => {
      expect((await create({ expiresAt: null })).expiresAt).toBeNull();
      expect((await create({ expiresIn: null })).expiresAt).toBeNull();
      const monthly = createLibrary(context.another({ invitations: { expiresIn: { months: 1 } } }));
      const { expiresAt } = orThrow(await monthly.invitations.create());
      expect(expiresAt?.getTime()).toBeGreaterThan(now() + 27 * day);
      const forever = createLibrary(context.another({ invitations: { expiresIn: null } }));
      expect(orThrow(await forever.invitations.create()).expiresAt).toBeNull();
    });

    it('asks for a name where the options or the call want one', async () => {
      const strict = createLibrary(context.another({ invitations: { nameRequired: true } }));
      expect(await strict.invitations.create({})).toMatchObject({
        code: 'validation_failed',
        errors: { name: ["can't be blank"] },
      });
      expect(await strict.invitations.create({ requireName: false })).toMatchObject({ ok: true });
      expect(await hw.invitations.create({ requireName: true, name: ' ' })).toMatchObject({
        errors: { name: ["can't be blank"] },
      });
      expect(await hw.invitations.create({})).toMatchObject({ ok: true });
    });

    it.each([
      [{ expiresAt: new Date(0) }, 'expiresAt', 'must be in the future'],
      [{ expiresAt: new Date(Number.NaN) }, 'expiresAt', 'must be a time'],
      [{ expiresIn: { days: -1 } }, 'expiresIn', 'must have whole numbers that are not negative'],
      [{ token: '' }, 'token', 'must not be empty'],
      [{ token: 'a\0b' }, 'token', 'must not contain control characters'],
      [{ token: 'x'.repeat(256) }, 'token', 'must have at most 255 characters'],
      [{ usesMax: 0 }, 'usesMax', 'must be a whole number from 1 on'],
      [{ attributes: ['a'] }, 'attributes', 'must be an object'],
      [{ attributes: { a: 'x'.repeat(20_000) } }, 'attributes', 'must have at most 16384'],
      [{ emails: ['nobody'] }, 'emails', 'must be addresses of people'],
      [{ emailDomains: ['https://x'] }, 'emailDomains', 'must be hosts of addresses'],
      [{ owner: ['User', '1'] }, 'owner', 'must have a type of lower-case'],
      [{ owner: ['visitor', 'abc'] }, 'owner', 'must have the id of a visitor'],
      [{ owner: ['user', ''] }, 'owner', 'must have an id that is not empty'],
    ])('refuses %j by its field', async (input, field, message) => {
      const refused = await hw.invitations.create(input as never);
      expect(refused).toMatchObject({
        ok: false,
        code: 'validation_failed',
        errors: { [field]: [expect.stringContaining(message)] },
      });
    });

    it('keeps no token in any table, whole or readable', async () => {
      const { token } = await create({ token: 'youtube-2025-needle' });
      const made = await create();
      const text = JSON.stringify(await dumpTables(context));
      expect(text).not.toContain(token);
      expect(text).not.toContain(made.token);
      expect(text).not.toContain(Buffer.from(token).toString('hex'));
      const read = await hw.invitations.get(made.id);
      expect(read).not.toHaveProperty('token');
      expect(JSON.stringify(orThrow(await hw.invitations.list({ limit: 200 })))).not.toContain(
        made.token,
      );
    });
  });

  describe('createMany', () => {
    it('answers each for itself', async () => {
      const answers = orThrow(
        await hw.invitations.createMany([
          { name: 'A' },
          { usesMax: 0 },
          { token: 'many' },
          { token: 'many' },
        ]),
      );
      expect(answers.map((answer) => (answer.ok ? 'ok' : answer.code))).toEqual([
        'ok',
        'validation_failed',
        'ok',
        'token_taken',
      ]);
      expect(await hw.invitations.createMany([])).toMatchObject({ code: 'validation_failed' });
    });
  });

  describe('a signed invitation', () => {
    it('is good with its signature and never without', async () => {
      const made = await create({ token: 'super-secret-invitation', sign: true });
      expect(made).toMatchObject({
        signed: true,
        signature: '5rlNQWmMo9BiTnPtY_9y5f2rN-vM33FxGpsOHCRxr9I',
      });
      const { token, signature } = made;
      expect(orThrow(await hw.invitations.validate(token, { signature: signature! })).id).toBe(
        made.id,
      );
      for (const wrong of [undefined, '', 'invalid-signature', `${signature}=`]) {
        expect(
          await hw.invitations.validate(token, wrong === undefined ? {} : { signature: wrong }),
        ).toMatchObject({ ok: false, code: 'invalid_signature' });
      }
      const input = { entity: ['user', 'u1'], action: 'visited' } as const;
      expect(await hw.invitations.track(token, input)).toMatchObject({ code: 'invalid_signature' });
      expect(await hw.invitations.redeem(token, input)).toMatchObject({
        code: 'invalid_signature',
      });
      expect(await hw.invitations.redeem(token, { ...input, signature: signature! })).toMatchObject(
        { ok: true },
      );
    });

    it('keeps to the secret that it was signed with', async () => {
      const made = await create({ token: 'rotated', sign: true });
      const rotated = (...ids: readonly string[]) =>
        createLibrary(
          context.another({
            invitations: {
              signingSecret: ids.map((id) => ({
                id,
                value: id === 'default' ? 'test-secret' : `${id}-secret`,
              })),
            },
          }),
        );
      const both = rotated('next', 'default');
      const shown = { signature: made.signature! };
      expect(await both.invitations.validate('rotated', shown)).toMatchObject({ ok: true });
      const next = orThrow(await both.invitations.create({ token: 'newer', sign: true }));
      expect(
        await both.invitations.validate('newer', { signature: next.signature! }),
      ).toMatchObject({ ok: true });
      // The signature of another secret of ours, made for the same token, is not the invitation's.
      const other = orThrow(
        await both.invitations.create({ token: 'rotated', sign: true }, { workspaceId: otherId }),
      );
      expect(
        await both.invitations.validate('rotated', { signature: other.signature! }),
      ).toMatchObject({ code: 'invalid_signature' });
      expect(await rotated('next').invitations.validate('rotated', shown)).toMatchObject({
        code: 'invalid_signature',
      });
    });

    it('needs a token of the caller, and a secret before anything is stored', async () => {
      expect(await hw.invitations.create({ sign: true })).toMatchObject({ code: 'token_required' });
      const unsigned = createLibrary(context.another({ invitations: {} }));
      const input = { token: 'never-stored', sign: true };
      expect(await unsigned.invitations.create(input)).toMatchObject({ code: 'no_signing_secret' });
      expect(await hw.invitations.create(input)).toMatchObject({ ok: true });
    });
  });

  describe('validate', () => {
    it('says why a token lets nobody in', async () => {
      expect(await hw.invitations.validate('unknown')).toMatchObject({ code: 'invalid_token' });
      expect(await hw.invitations.validate('')).toMatchObject({ code: 'invalid_token' });
      expect(await hw.invitations.validate(undefined as never)).toMatchObject({
        code: 'invalid_token',
      });
      const expired = await createExpired();
      expect(await hw.invitations.validate(expired.token)).toMatchObject({
        code: 'invitation_expired',
      });
      const paused = await create();
      orThrow(await hw.invitations.pause(paused));
      expect(await hw.invitations.validate(paused.token)).toMatchObject({
        code: 'invitation_paused',
      });
      orThrow(await hw.invitations.resume(paused));
      expect(await hw.invitations.validate(paused.token)).toMatchObject({ ok: true });
      const single = await create({ usesMax: 1 });
      orThrow(await hw.invitations.redeem(single.token, { entity: ['user', 'only'] }));
      expect(await hw.invitations.validate(single.token)).toMatchObject({
        code: 'invitation_exhausted',
      });
    });

    it('has expired at the very moment of its end', async () => {
      const { token } = await create({ expiresIn: { hours: 1 } });
      context.clock.moveBy(hour - 1);
      expect(await hw.invitations.validate(token)).toMatchObject({ ok: true });
      context.clock.moveBy(1);
      expect(await hw.invitations.validate(token)).toMatchObject({ code: 'invitation_expired' });
    });

    it('changes nothing, however often it is asked', async () => {
      const { token } = await create({ usesMax: 1 });
      const before = await dumpTables(context);
      for (let count = 0; count < 20; count += 1) await hw.invitations.validate(token);
      expect(await dumpTables(context)).toEqual(before);
    });

    it('keeps to its workspace', async () => {
      const { token, id } = await create();
      const there = { workspaceId: otherId };
      expect(await hw.invitations.validate(token, there)).toMatchObject({ code: 'invalid_token' });
      expect(await hw.invitations.get(id, there)).toBeUndefined();
      expect(await hw.invitations.revoke(id, there)).toMatchObject({
        code: 'invitation_not_found',
      });
      expect(
        await hw.invitations.track({ id }, { entity: ['user', '1'], action: 'visited' }, there),
      ).toMatchObject({ code: 'invitation_not_found' });
      expect(await hw.invitations.redeem({ id }, { entity: ['user', '1'] }, there)).toMatchObject({
        code: 'invitation_not_found',
      });
      expect(await hw.invitations.usages(id, {}, there)).toMatchObject({
        code: 'invitation_not_found',
      });
    });
  });

  describe('the end', () => {
    it('is extended from the stored one, by every unit', async () => {
      const invitation = await create();
      const end = invitation.expiresAt!.getTime();
      const extended = orThrow(await hw.invitations.extend(invitation, { days: 7 }));
      expect(extended.expiresAt).toEqual(new Date(end + 7 * day));
      // The token stays with who had it.
      expect(extended.token).toBe(invitation.token);
      const more = orThrow(await hw.invitations.extend(extended, { hours: 2 }));
      expect(more.expiresAt).toEqual(new Date(end + 7 * day + 2 * hour));
      for (const unit of ['weeks', 'months', 'years'])
        expect(await hw.invitations.extend(invitation, { [unit]: 1 })).toMatchObject({ ok: true });
    });

    it('is extended when it has passed, if that leads into the future, or from now', async () => {
      const expired = await createExpired(1);
      const renewed = orThrow(await hw.invitations.extend(expired, { hours: 25 }));
      expect(renewed.expiresAt).toEqual(new Date(expired.expiresAt!.getTime() + 25 * hour));
      expect(await hw.invitations.validate(expired.token)).toMatchObject({ ok: true });
      const older = await createExpired(10);
      expect(await hw.invitations.extend(older, { days: 7 })).toMatchObject({
        code: 'validation_failed',
        errors: { expiresAt: [expect.stringContaining('must be in the future')] },
      });
      const fromNow = orThrow(await hw.invitations.extend(older, { days: 7 }, { from: 'now' }));
      expect(fromNow.expiresAt).toEqual(inDays(7));
    });

    it('of a pair of extensions at once moves by both', async () => {
      const invitation = await create();
      await Promise.all([
        hw.invitations.extend(invitation, { days: 7 }),
        hw.invitations.extend(invitation, { days: 7 }),
      ]);
      expect((await hw.invitations.get(invitation.id))?.expiresAt).toEqual(inDays(21));
    });

    it('cannot be extended where there is none, nor by nothing', async () => {
      const forever = await create({ expiresAt: null });
      expect(await hw.invitations.extend(forever, { weeks: 1 })).toMatchObject({
        code: 'no_expiry',
      });
      const invitation = await create();
      for (const by of [{ days: 0 }, { days: -1 }, {}])
        expect(await hw.invitations.extend(invitation, by)).toMatchObject({
          code: 'validation_failed',
          errors: { by: [expect.any(String)] },
        });
      expect(await hw.invitations.extend(nowhere, { days: 1 })).toMatchObject({
        code: 'invitation_not_found',
      });
      expect(await hw.invitations.extend('no id', { days: 1 })).toMatchObject({
        code: 'invitation_not_found',
      });
    });

    it('is set to an instant, on every invitation', async () => {
      const at = new Date('2030-12-31T23:59:59Z');
      for (const invitation of [
        await create({ expiresAt: null }),
        await createExpired(),
        await create(),
      ]) {
        const set = orThrow(await hw.invitations.setExpiry(invitation, at));
        expect(set.expiresAt).toEqual(at);
      }
      const invitation = await create();
      expect(
        orThrow(await hw.invitations.setExpiry(invitation, '2030-12-31T23:59:59+01:00')).expiresAt,
      ).toEqual(new Date('2030-12-31T22:59:59Z'));
      expect(
        orThrow(await hw.invitations.setExpiry(invitation, { in: { days: 30 } })).expiresAt,
      ).toEqual(inDays(30));
      for (const wrong of [inDays(-1), new Date(now()), '2030-12-31', 'soon', { in: {} }, 7])
        expect(await hw.invitations.setExpiry(invitation, wrong as never)).toMatchObject({
          code: 'validation_failed',
          errors: { expiresAt: [expect.any(String)] },
        });
      expect(await hw.invitations.setExpiry(invitation, inDays(-1))).toMatchObject({
        errors: { expiresAt: ['must be in the future'] },
      });
    });

    it('is removed, and the token is good again', async () => {
      const expired = await createExpired();
      const permanent = orThrow(await hw.invitations.removeExpiry(expired));
      expect(permanent.expiresAt).toBeNull();
      expect(await hw.invitations.validate(permanent.token)).toMatchObject({ ok: true });
      expect(orThrow(await hw.invitations.removeExpiry(permanent)).expiresAt).toBeNull();
    });
  });

  describe('its life', () => {
    it('ends for good when it is revoked or declined', async () => {
      const revoked = await create();
      expect(orThrow(await hw.invitations.revoke(revoked)).status).toBe('revoked');
      expect(orThrow(await hw.invitations.revoke(revoked)).status).toBe('revoked');
      expect(await hw.invitations.validate(revoked.token)).toMatchObject({
        code: 'invitation_revoked',
      });
      expect(await hw.invitations.resume(revoked)).toMatchObject({ code: 'invitation_revoked' });
      expect(await hw.invitations.renew(revoked)).toMatchObject({ code: 'invitation_revoked' });
      const declined = await create();
      orThrow(await hw.invitations.decline(declined));
      expect(await hw.invitations.redeem(declined.token, { entity: ['user', '1'] })).toMatchObject({
        code: 'invitation_declined',
      });
      expect(await hw.invitations.pause(declined)).toMatchObject({ code: 'invitation_declined' });
    });

    it('goes on with a new token when it is sent again', async () => {
      const first = await create({ token: 'first-one', sign: true, attributes: { role: 'admin' } });
      context.clock.moveBy(10 * day);
      const again = orThrow(await hw.invitations.renew(first, { expiresIn: { days: 7 } }));
      expect(again).toMatchObject({ id: first.id, attributes: { role: 'admin' }, signed: true });
      expect(again.expiresAt).toEqual(inDays(7));
      expect(again.token).not.toBe(first.token);
      expect(await hw.invitations.validate(again.token)).toMatchObject({ ok: false });
      expect(
        await hw.invitations.validate(again.token, { signature: again.signature! }),
      ).toMatchObject({ ok: true });
      expect(
        await hw.invitations.validate('first-one', { signature: first.signature! }),
      ).toMatchObject({ code: 'invalid_token' });
    });

    it('is archived without losing its history', async () => {
      const invitation = await create();
      orThrow(
        await hw.invitations.track(invitation, { entity: ['user', 'a1'], action: 'registered' }),
      );
      const { redemption } = orThrow(
        await hw.invitations.redeem(invitation, { entity: ['user', 'a1'] }),
      );
      const archived = orThrow(await hw.invitations.archive(invitation));
      expect(archived.archivedAt).toEqual(new Date(now()));
      expect(orThrow(await hw.invitations.archive(invitation))).toEqual(archived);
      expect(await hw.invitations.validate(invitation.token)).toMatchObject({
        code: 'invalid_token',
      });
      expect(await hw.invitations.get(invitation.id)).toEqual(archived);
      expect(orThrow(await hw.invitations.usages(invitation)).usages).toHaveLength(1);
      expect(orThrow(await hw.invitations.release(redemption)).status).toBe('reversed');
      expect(await hw.invitations.extend(invitation, { days: 1 })).toMatchObject({
        code: 'invitation_not_found',
      });
      expect(await hw.invitations.archive(nowhere)).toMatchObject({ code: 'invitation_not_found' });
    });

    it('is changed field by field, without the rules of creating it', async () => {
      const invitation = await create({ usesMax: 5 });
      const strict = createLibrary(context.another({ invitations: { nameRequired: true } }));
      expect(await strict.invitations.extend(invitation, { days: 1 })).toMatchObject({ ok: true });
      const changed = orThrow(
        await hw.invitations.update(invitation, { name: 'New', attributes: { a: 1 } }),
      );
      expect(changed).toMatchObject({ name: 'New', attributes: { a: 1 }, usesMax: 5 });
      for (const user of ['c1', 'c2'])
        orThrow(await hw.invitations.redeem(invitation, { entity: ['user', user] }));
      expect(await hw.invitations.update(invitation, { usesMax: 1 })).toMatchObject({
        errors: { usesMax: ['must not be less than the 2 seats that are taken'] },
      });
      expect(
        orThrow(await hw.invitations.update(invitation, { usesMax: null })).usesMax,
      ).toBeNull();
    });

    it('is got, or throws', async () => {
      const { id } = await create();
      expect((await hw.invitations.getOrThrow(id)).id).toBe(id);
      await expect(hw.invitations.getOrThrow(nowhere)).rejects.toMatchObject({
        code: 'invitation_not_found',
      });
      expect(await hw.invitations.get('no id')).toBeUndefined();
    });
  });

  describe('list', () => {
    it('pages newest first, and filters', async () => {
      const owner = ['user', 'lister'] as const;
      const made = [];
      for (const name of ['Spring team', 'spring sale', 'Autumn'])
        made.push(await create({ name, owner, emails: [`${name.slice(0, 6)}@people.test`] }));
      const names = async (input: Parameters<typeof hw.invitations.list>[0]) =>
        orThrow(await hw.invitations.list(input)).invitations.map(({ name }) => name);
      expect(await names({ owner })).toEqual(['Autumn', 'spring sale', 'Spring team']);
      expect(await names({ owner, search: 'SPRING' })).toEqual(['spring sale', 'Spring team']);
      expect(await names({ owner, email: 'AUTUMN@people.test' })).toEqual(['Autumn']);
      orThrow(await hw.invitations.revoke(made[0]!));
      orThrow(await hw.invitations.archive(made[1]!));
      expect(await names({ owner, status: 'revoked' })).toEqual(['Spring team']);
      expect(await names({ owner })).toEqual(['Autumn', 'Spring team']);
      expect(await names({ owner, archived: 'only' })).toEqual(['spring sale']);
      context.clock.moveBy(8 * day);
      expect(await names({ owner, expired: true })).toEqual(['Autumn', 'Spring team']);
      expect(await names({ owner, expired: false })).toEqual([]);

      const first = orThrow(await hw.invitations.list({ owner, archived: 'with', limit: 2 }));
      const second = orThrow(
        await hw.invitations.list({ owner, archived: 'with', limit: 2, cursor: first.nextCursor }),
      );
      expect([...first.invitations, ...second.invitations].map(({ name }) => name)).toEqual([
        'Autumn',
        'spring sale',
        'Spring team',
      ]);
      expect(second.nextCursor).toBeUndefined();
      expect(orThrow(await hw.invitations.list({}, { workspaceId: otherId })).invitations).toEqual([
        expect.objectContaining({ signed: true }),
      ]);
      expect(await hw.invitations.list({ status: 'x' as never, limit: 0 })).toMatchObject({
        code: 'invalid_query',
        errors: { status: [expect.any(String)], limit: [expect.any(String)] },
      });
    });
  });

  describe('cleanUp', () => {
    it('archives what has been expired for so long, and never what has no end', async () => {
      const { id: workspaceId } = orThrow(await createWorkspace(context, { name: 'Tidy' }));
      const there = { workspaceId };
      const make = async (input: Parameters<typeof hw.invitations.create>[0]) =>
        orThrow(await hw.invitations.create(input, there));
      const forever = await make({ expiresAt: null });
      const old = await make({ expiresIn: { hours: 1 } });
      const fresh = await make({ expiresIn: { days: 31 } });
      context.clock.moveBy(32 * day);
      const archivedAt = async ({ id }: { id: string }) =>
        (await hw.invitations.get(id, there))?.archivedAt;
      expect(orThrow(await hw.invitations.cleanUp({}, there))).toEqual({ archived: 1 });
      expect(await archivedAt(old)).toEqual(new Date(now()));
      expect(await archivedAt(fresh)).toBeNull();
      expect(
        orThrow(await hw.invitations.cleanUp({ expiredFor: { years: 9_999 } }, there)),
      ).toEqual({
        archived: 0,
      });
      expect(orThrow(await hw.invitations.cleanUp({ expiredFor: { days: 0 } }, there))).toEqual({
        archived: 1,
      });
      expect(await archivedAt(forever)).toBeNull();
      expect(await hw.invitations.cleanUp({ expiredFor: { days: -1 } })).toMatchObject({
        code: 'validation_failed',
      });
    });
  });

  describe('withAttributes', () => {
    const roles = ['admin', 'manager', 'user'];
    /** A validator as libraries make them, and one that changes what it takes. */
    const schema = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) => {
          const { role, tags } = (value ?? {}) as { role?: unknown; tags?: unknown };
          return typeof role === 'string' && roles.includes(role.toLowerCase())
            ? { value: { role: role.toLowerCase(), tags: (tags ?? []) as string[] } }
            : { issues: [{ message: 'must be a role', path: ['role'] }] };
        },
        types: undefined as
          | {
              readonly input: { role: string; tags?: string[] };
              readonly output: { role: string; tags: string[] };
            }
          | undefined,
      },
    };

    it('checks what goes in, and gives it back with its type', async () => {
      const typed = hw.invitations.withAttributes(schema);
      const made = orThrow(await typed.create({ attributes: { role: 'MANAGER', tags: ['a'] } }));
      expect(made.attributes.role.toUpperCase()).toBe('MANAGER');
      const { attributes } = orThrow(await typed.validate(made.token));
      expect(attributes).toEqual({ role: 'manager', tags: ['a'] });
      expect(attributes.tags.length).toBe(1);
      expect(await typed.create({ attributes: { role: 'king' } })).toMatchObject({
        code: 'validation_failed',
        errors: { 'attributes.role': ['must be a role'] },
      });
      const untyped = await create({ attributes: { role: 7 } });
      expect(await typed.validate(untyped.token)).toMatchObject({ code: 'invalid_attributes' });
      expect(await typed.get(untyped.id)).toMatchObject({ code: 'invalid_attributes' });
      expect(await typed.get(nowhere)).toBeUndefined();
    });
  });

  describe('redeem', () => {
    it('takes a seat and gives it back', async () => {
      const invitation = await create({ usesMax: 1, attributes: { role: 'admin' } });
      const { token } = invitation;
      const { redemption, repeated } = orThrow(
        await hw.invitations.redeem(token, { entity: ['user', 'r1'], metadata: { plan: 'pro' } }),
      );
      expect(repeated).toBe(false);
      expect(redemption).toMatchObject({
        invitationId: invitation.id,
        codeId: null,
        entity: { type: 'user', id: 'r1' },
        status: 'active',
        metadata: { plan: 'pro' },
      });
      expect(await hw.invitations.redeem(token, { entity: ['user', 'r2'] })).toMatchObject({
        code: 'invitation_exhausted',
      });
      // Being there already wins over being full.
      expect(await hw.invitations.redeem(token, { entity: ['user', 'r1'] })).toMatchObject({
        code: 'already_redeemed',
        redemption: { id: redemption.id },
      });
      expect(orThrow(await hw.invitations.release(redemption))).toMatchObject({
        status: 'reversed',
      });
      expect(orThrow(await hw.invitations.release(redemption.id)).status).toBe('reversed');
      expect((await hw.invitations.get(invitation.id))?.uses).toBe(0);
      expect(await hw.invitations.redeem(token, { entity: ['user', 'r2'] })).toMatchObject({
        ok: true,
      });
      expect(await hw.invitations.release(nowhere)).toMatchObject({ code: 'redemption_not_found' });
    });

    it('answers a retry of one attempt the same, and refuses its key for another', async () => {
      const invitation = await create({ usesMax: 5 });
      const input = { entity: ['user', 'k1'], idempotencyKey: 'sign-up-1' } as const;
      const first = orThrow(await hw.invitations.redeem(invitation, input));
      const again = orThrow(await hw.invitations.redeem(invitation, input));
      expect(again).toEqual({ redemption: first.redemption, repeated: true });
      expect((await hw.invitations.get(invitation.id))?.uses).toBe(1);
      expect(
        await hw.invitations.redeem(invitation, { ...input, entity: ['user', 'k2'] }),
      ).toMatchObject({ code: 'idempotency_conflict' });
      const other = await create();
      expect(await hw.invitations.redeem(other, input)).toMatchObject({
        code: 'idempotency_conflict',
      });
    });

    it('lets in whom it is for, and nobody else', async () => {
      const bound = await create({
        emails: ['Alice@People.test'],
        emailDomains: ['@team.test'],
        verifiedEmail: true,
      });
      expect(bound.emails).toEqual(['alice@people.test']);
      expect((await hw.invitations.get(bound.id))?.emails).toEqual(['alice@people.test']);
      const redeem = (user: string, email?: string, emailVerified = true) =>
        hw.invitations.redeem(bound, {
          entity: ['user', user],
          emailVerified,
          ...(email !== undefined && { email }),
        });
      expect(await redeem('e1')).toMatchObject({ code: 'email_mismatch' });
      expect(await redeem('e1', 'bob@people.test')).toMatchObject({ code: 'email_mismatch' });
      expect(await redeem('e1', 'bob@evil-team.test')).toMatchObject({ code: 'email_mismatch' });
      expect(await redeem('e1', 'bob@sub.team.test')).toMatchObject({ code: 'email_mismatch' });
      expect(await redeem('e1', 'alice@people.test', false)).toMatchObject({
        code: 'email_unverified',
      });
      expect(await redeem('e1', ' ALICE@people.test')).toMatchObject({ ok: true });
      expect(await redeem('e2', 'bob@TEAM.test')).toMatchObject({ ok: true });
      expect((await hw.invitations.get(bound.id))?.uses).toBe(2);
      const text = JSON.stringify(await dumpTables(context));
      expect(text).not.toContain('alice@people.test');
    });

    it('counts tokens that are none by who tries them and by their network, and no others', async () => {
      const { token } = await create({ usesMax: 100 });
      const tries = async (user: string, tried: string, times: number, address?: string) => {
        let limited = 0;
        for (let count = 0; count < times; count += 1) {
          const input = { entity: ['user', user], address } as const;
          const answer = await hw.invitations.redeem(tried, input);
          if (!answer.ok && answer.code === 'rate_limited') limited += 1;
        }
        return limited;
      };
      context.clock.moveBy(minute);
      expect(await tries('guesser', 'guess', 22)).toBe(2);
      expect(await tries('guesser', token, 1)).toBe(1);
      expect(await tries('honest', token, 30)).toBe(0);
      for (let each = 0; each < 20; each += 1)
        expect(await tries(`many-${each}`, 'guess', 1, '203.0.113.50')).toBe(0);
      expect(await tries('neighbour', token, 1, '203.0.113.51')).toBe(1);
      expect(await tries('elsewhere', token, 1, '198.51.100.51')).toBe(0);
      context.clock.moveBy(minute);
      expect(await tries('guesser', token, 1)).toBe(0);
    });

    it('does not let somebody invite themselves', async () => {
      const invitation = await create({ owner: ['user', 'o1'] });
      expect(await hw.invitations.redeem(invitation, { entity: ['user', 'o1'] })).toMatchObject({
        code: 'self_referral',
      });
      // An id is no other for being of another type of entity.
      expect(await hw.invitations.redeem(invitation, { entity: ['company', 'o1'] })).toMatchObject({
        ok: true,
      });
    });

    it('notes a usage with it, once', async () => {
      const invitation = await create();
      const entity = ['user', 'n1'] as const;
      orThrow(await hw.invitations.redeem(invitation, { entity, action: 'registered' }));
      expect(
        await hw.invitations.track(invitation, { entity, action: 'registered' }),
      ).toMatchObject({ code: 'duplicate_usage' });
      expect(await hw.invitations.redeem(invitation, { entity, action: 'flew' })).toMatchObject({
        code: 'invalid_action',
      });
    });
  });
});

describe('the last seats of an invitation', () => {
  it('go to as many as there are, whoever asks, in several processes', async () => {
    await using context = await openTestContext('postgres', options);
    await context.workspaces.first();
    const pools = Array.from({ length: 3 }, () => new pg.Pool({ connectionString: context.url }));
    try {
      const processes = pools.map(() => createLibrary(context.another()));
      const invitation = orThrow(await processes[0]!.invitations.create({ usesMax: 20 }));
      const answers = await Promise.all(
        Array.from({ length: 90 }, async (_, index) => {
          const hw = processes[index % processes.length]!;
          const entity = ['user', `u${index % 60}`] as const;
          if (index % 3 !== 0) return hw.invitations.redeem(invitation, { entity });
          // In a transaction of the host, some of which fail.
          const client = await pools[index % pools.length]!.connect();
          try {
            await client.query('begin');
            const answer = await hw.invitations.redeem(invitation, { entity }, { tx: client });
            const fails = index % 9 === 0;
            await client.query(fails ? 'rollback' : 'commit');
            return fails ? undefined : answer;
          } finally {
            client.release();
          }
        }),
      );
      const taken = answers.filter((answer) => answer?.ok === true).length;
      const { uses } = (await processes[0]!.invitations.get(invitation.id))!;
      // Who asked while a seat was held that came back later may have been turned away: then it is free.
      expect(uses).toBe(taken);
      expect(uses).toBeLessThanOrEqual(20);
      for (let index = 0; index < 20; index += 1)
        await processes[1]!.invitations.redeem(invitation, { entity: ['user', `late${index}`] });
      expect((await processes[0]!.invitations.get(invitation.id))?.uses).toBe(20);
      const rows = await context.database.db
        .selectFrom('redemption')
        .select(['entity_id'])
        .where('status', '=', 'active')
        .execute();
      expect(new Set(rows.map((row) => row.entity_id)).size).toBe(20);
    } finally {
      await Promise.all(pools.map((pool) => pool.end()));
    }
  }, 60_000);
});
