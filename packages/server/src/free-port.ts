import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/**
 * A port that is free now. The server's own address is part of its settings (links are served on it), so port 0 is
 * resolved before they are read.
 */
export async function findFreePort(): Promise<number> {
  const listener = createServer().listen(0);
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, 'close');
  return port;
}
