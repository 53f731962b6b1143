// The ceiling: what `node:http` alone answers, with nothing behind it. GET gives a 302, POST reads
// its body and gives 200.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const destination = 'https://shop.example/landing?utm_source=newsletter';

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.writeHead(302, [
      'location',
      destination,
      'cache-control',
      'no-store',
      'content-length',
      '0',
    ]);
    response.end();
    return;
  }
  request.on('data', () => undefined);
  request.on('end', () => {
    response.writeHead(200, ['content-type', 'application/json', 'content-length', '2']);
    response.end('{}');
  });
});

server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on('disconnect', () => process.exit());
