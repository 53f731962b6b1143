export { runCli } from './program.ts';
export { createServer, type HeadwaterServer, type ServedEngine } from './server.ts';
