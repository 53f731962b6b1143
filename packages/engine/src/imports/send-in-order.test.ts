import { describe, expect, it } from 'vitest';

import { sendInOrder } from './send-in-order.ts';

describe('sendInOrder', () => {
  it('sends the chunks of a lane one after the other, and of two lanes beside each other', async () => {
    const events: string[] = [];
    let atOnce = 0;
    let atOnceMax = 0;
    const sending = sendInOrder<string>(
      async (chunk) => {
        events.push(`begin ${chunk.join('')}`);
        atOnceMax = Math.max(atOnceMax, (atOnce += 1));
        await new Promise((resolve) => setTimeout(resolve, 5));
        atOnce -= 1;
        events.push(`end ${chunk.join('')}`);
      },
      { lanes: 2, chunkSize: 2 },
    );
    for (const item of ['a1', 'b1', 'a2', 'b2', 'a3', 'a4', 'b3', 'a5'])
      await sending.add(item, item.charCodeAt(0));
    await sending.finish();
    expect(events.filter((event) => event.includes('a'))).toEqual([
      'begin a1a2',
      'end a1a2',
      'begin a3a4',
      'end a3a4',
      'begin a5',
      'end a5',
    ]);
    expect(events).toContain('end b3');
    expect(atOnceMax).toBe(2);
  });

  it('answers nothing to wait for while a chunk is being filled', async () => {
    const sending = sendInOrder<number>(() => Promise.resolve(), { lanes: 1, chunkSize: 2 });
    expect(sending.add(1)).toBeUndefined();
    expect(sending.add(2)).toBeInstanceOf(Promise);
    await sending.finish();
  });

  it('tells whoever goes on that sending has failed', async () => {
    const sending = sendInOrder<number>(() => Promise.reject(new Error('away')), {
      lanes: 1,
      chunkSize: 1,
    });
    await sending.add(1);
    await expect(sending.add(2)).rejects.toThrow('away');
    await expect(sending.finish()).rejects.toThrow('away');
  });
});
