import { describe, expect, it } from 'vitest';

import { fc } from '../../../test/support/properties.ts';
import { deterministicEventId } from './event-id.ts';
import { makeEvent, type TrackInput } from './tracked-event.ts';

const made = (changes: object) =>
  makeEvent({ eventType: 'user_registered', userId: 'u', ...changes });

describe('an event', () => {
  it.each([
    [7, '7'],
    [0, '0'],
    [-7, '-7'],
    [9007199254740991, '9007199254740991'],
    [9007199254740993n, '9007199254740993'],
    ['007', '007'],
  ])('has the user id %o as %s', (userId, sent) => {
    expect(made({ userId })).toMatchObject({ ok: true, value: { user_id: sent } });
  });

  it.each([
    [{ userId: undefined }, 'user_id is required'],
    [{ userId: '' }, 'user_id must not be empty'],
    [{ userId: '  ' }, 'user_id must not be empty'],
    [{ userId: NaN }, 'user_id must be a string or a whole number'],
    [{ userId: Infinity }, 'user_id must be a string or a whole number'],
    [{ userId: 1.5 }, 'user_id must be a string or a whole number'],
    [{ userId: 2 ** 53 }, 'user_id must be a string or a whole number'],
    [{ userId: { id: 1 } }, 'user_id must be a string or a whole number'],
    [{ userId: 'u'.repeat(256) }, 'user_id must have at most 255 characters'],
    [{ eventType: '' }, 'event_type must not be empty'],
    [{ eventType: undefined }, 'event_type is required'],
    [{ eventId: '' }, 'event_id must not be empty'],
    [{ eventId: 5 }, 'event_id must be a string'],
    [{ action: 'undo' }, 'action must be add or remove'],
    [{ occurredAt: 'yesterday' }, 'occurred_at must be a date, or ISO 8601 with an offset'],
    [
      { occurredAt: '2026-04-01T12:00:00' },
      'occurred_at must be a date, or ISO 8601 with an offset',
    ],
    [
      { occurredAt: '2026-13-01T12:00:00Z' },
      'occurred_at must be a date, or ISO 8601 with an offset',
    ],
    [{ occurredAt: new Date(NaN) }, 'occurred_at must be a date, or ISO 8601 with an offset'],
    [{ metadata: [] }, 'metadata must be an object that JSON can hold'],
    [{ metadata: 'pro' }, 'metadata must be an object that JSON can hold'],
    [{ metadata: { n: 1n } }, 'metadata must be an object that JSON can hold'],
  ])('is refused before any request: %o', (changes, message) => {
    expect(made(changes)).toMatchObject({
      ok: false,
      error: {
        type: 'validation_error',
        message,
        errors: [message],
        statusCode: null,
        attempts: 0,
      },
    });
  });

  it('names every rule that it breaks', () => {
    expect(makeEvent(undefined as unknown as TrackInput)).toMatchObject({
      error: { errors: ['event_type is required', 'user_id is required'] },
    });
  });

  it('leaves out what is null or undefined, so that the server uses its own defaults', () => {
    const event = made({ eventId: 'e', occurredAt: null, metadata: undefined, action: null });
    expect(event).toEqual({
      ok: true,
      value: { event_type: 'user_registered', user_id: 'u', event_id: 'e' },
    });
  });

  it('keeps metadata as it was when it was given', () => {
    const metadata = { plan: 'pro' };
    const event = made({ metadata });
    metadata.plan = 'free';
    expect(event).toMatchObject({ value: { metadata: { plan: 'pro' } } });
  });

  it('has its time with the offset that it was given with, and a Date in UTC', () => {
    const time = '2026-04-01T14:00:00+02:00';
    expect(made({ occurredAt: time })).toMatchObject({ value: { occurred_at: time } });
    expect(made({ occurredAt: new Date(time) })).toMatchObject({
      value: { occurred_at: '2026-04-01T12:00:00.000Z' },
    });
  });

  it('is made or refused, and never throws, whatever it is made from', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), (input) => {
        expect(makeEvent(input as TrackInput).ok).toBeTypeOf('boolean');
      }),
    );
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    );
    expect(makeEvent(hostile as TrackInput)).toMatchObject({ ok: false });
  });
});

describe('a deterministic event id', () => {
  it('is a UUID of version 5, and the same for the same parts', async () => {
    const id = await deterministicEventId('shop', 'user_registered', 42);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(await deterministicEventId('shop', 'user_registered', '42')).toBe(id);
  });

  it('differs where the parts do, wherever they are cut', async () => {
    const ids = await Promise.all([
      deterministicEventId('ab', 'c'),
      deterministicEventId('a', 'bc'),
      deterministicEventId('abc'),
      deterministicEventId('ab', 'c', ''),
    ]);
    expect(new Set(ids).size).toBe(4);
  });
});
