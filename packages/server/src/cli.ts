import { runCli } from './program.ts';

process.exitCode = await runCli(process.argv.slice(2), process.env);
// A client that keeps a socket open, or a timer of a library, is no reason to stay.
// oxlint-disable-next-line unicorn/no-process-exit
process.exit();
