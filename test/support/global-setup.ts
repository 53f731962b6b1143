import type { TestProject } from 'vitest/node';

import { ensureTemplateFile } from './pglite-template.ts';
import { startPostgresCluster } from './postgres-cluster.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The `postgres` database of the server that this run of the tests has for itself. */
    postgresUrl: string;
    /** A file with a migrated PGlite data folder. */
    pgliteTemplate: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const template = await ensureTemplateFile();
  const cluster = await startPostgresCluster();
  project.provide('postgresUrl', cluster.url);
  project.provide('pgliteTemplate', template);
  return async () => cluster[Symbol.asyncDispose]();
}
