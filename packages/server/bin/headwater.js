#!/usr/bin/env node
// Not in dist/: npm links the commands that are there when it installs, which is before the first build.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 12)) {
  process.stderr.write(`headwater needs Node 22.12 or newer; this is ${process.version}\n`);
  process.exitCode = 2;
} else {
  await import('../dist/cli.js');
}
