import type { TestProject } from 'vitest/node';

import { startPostgresCluster } from './postgres-cluster.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The `postgres` database of the server that this run of the tests has for itself. */
    postgresUrl: string;
  }
}

// @NOTE A migrated PGlite data folder, dumped once to node_modules/.cache, belongs here too.
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startPostgresCluster();
  project.provide('postgresUrl', cluster.url);
  return async () => cluster[Symbol.asyncDispose]();
}
