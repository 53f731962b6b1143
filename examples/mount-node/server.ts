import { createServer } from 'node:http';

import { createHeadwater } from 'headwater';
import { toNodeHandler } from 'headwater/node';

const port = Number(process.env['PORT'] ?? 3000);
const hw = await createHeadwater({
  database: { folder: './.headwater' }, // or { pool }: the pg pool that the application has
  links: { domains: [`localhost:${port}`], scheme: 'http' },
});
await hw.migrate();
await hw.start();

const headwater = toNodeHandler(hw);
const server = createServer((request, response) => {
  headwater(request, response, () => response.end("The application's own page\n"));
}).listen(port);

process.once('SIGTERM', () => server.close(() => void hw.close()));
