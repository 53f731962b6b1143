#!/usr/bin/env node
// Not in dist/: npm links the commands that are there when it installs, which is before the first build.
await import('../dist/cli.js');
