import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What happens to the bytes of every connection through a proxy; nothing of it by default. */
export interface Faults {
  /** Bytes arrive so much later, in each direction. */
  readonly latencyMilliseconds?: number;
  /** The chance of each chunk to reset its connection instead of going through. */
  readonly resets?: number;
  /** Nothing arrives, on old connections and new ones; when it ends, what was sent does, as TCP sends again. */
  readonly blackhole?: boolean;
  /** No more than this, in each direction. */
  readonly bytesPerSecond?: number;
  /** The end of one side is told to the other so much later. */
  readonly closeDelayMilliseconds?: number;
}

export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  /** The same address through the proxy. */
  through(url: string): string;
  /** From now on. */
  set(faults: Faults): void;
  /** Ends every connection at once with a reset; new ones are taken. */
  resetAll(): void;
  readonly stats: { readonly connections: number; readonly resets: number };
}

/**
 * A way over TCP that can be made bad: between a server and its database, or clients and a server.
 *
 * @param random decides which chunks reset their connection
 */
export async function startFaultProxy(
  target: { readonly host: string; readonly port: number },
  random: () => number = Math.random,
): Promise<FaultProxy> {
  let faults: Faults = {};
  let changed: PromiseWithResolvers<void> = Promise.withResolvers();
  const pairs = new Set<readonly [Socket, Socket]>();
  const stats = { connections: 0, resets: 0 };

  const reset = (pair: readonly [Socket, Socket]): void => {
    stats.resets += 1;
    for (const socket of pair) socket.resetAndDestroy();
  };

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({ ...target, allowHalfOpen: true, noDelay: true });
    const pair = [near, far] as const;
    pairs.add(pair);
    stats.connections += 1;
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('error', () => to.destroy());
      from.on('close', () => {
        pairs.delete(pair);
        void sleep(faults.closeDelayMilliseconds ?? 0).then(() => to.destroy());
      });
      void pump(from, to, pair);
    }
  });

  async function pump(from: Socket, to: Socket, pair: readonly [Socket, Socket]): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        while (faults.blackhole === true) await changed.promise;
        if (faults.resets !== undefined && random() < faults.resets) {
          reset(pair);
          return;
        }
        const { latencyMilliseconds = 0, bytesPerSecond } = faults;
        const slowness = bytesPerSecond === undefined ? 0 : (chunk.length / bytesPerSecond) * 1_000;
        if (latencyMilliseconds + slowness > 0) await sleep(latencyMilliseconds + slowness);
        if (to.destroyed) return;
        if (!to.write(chunk)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
      }
      to.end();
    } catch {
      // One side has gone; the other one is told by its `close`.
    }
  }

  function set(next: Faults): void {
    faults = next;
    changed.resolve();
    changed = Promise.withResolvers();
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    stats,
    through(url) {
      const way = new URL(url);
      way.hostname = '127.0.0.1';
      way.port = String(port);
      return way.href;
    },
    set,
    resetAll() {
      for (const pair of pairs) reset(pair);
    },
    async [Symbol.asyncDispose]() {
      set({});
      server.close();
      for (const pair of pairs) reset(pair);
      await once(server, 'close');
    },
  };
}
