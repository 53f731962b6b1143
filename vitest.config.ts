import { defineConfig } from 'vitest/config';

// Packages are tested from their sources, without a build; the rest are vite's own conditions.
const conditions = ['headwater-source', 'module', 'node', 'development|production'];
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } };
const setupFiles = ['test/support/end-with-parent.ts', 'test/support/use-template.ts'];

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    // Most tests wait for a database or a process: one worker fewer than cores would leave a small machine idle.
    maxWorkers: '100%',
    projects: [
      {
        ...shared,
        test: {
          name: 'packages',
          include: ['packages/*/src/**/*.test.ts'],
          setupFiles,
          // For a busy machine; nothing takes as long that works.
          testTimeout: 30_000,
        },
      },
      {
        ...shared,
        test: { name: 'whole', include: ['test/**/*.test.ts'], setupFiles, testTimeout: 120_000 },
      },
    ],
  },
});
