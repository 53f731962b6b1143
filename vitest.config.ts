import { defineConfig } from 'vitest/config';

// Packages are tested from their sources, without a build; the rest are vite's own conditions.
const conditions = ['headwater-source', 'module', 'node', 'development|production'];
const fromSource = { resolve: { conditions }, ssr: { resolve: { conditions } } };

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    projects: [
      {
        ...fromSource,
        test: { name: 'packages', include: ['packages/*/src/**/*.test.ts'], testTimeout: 15_000 },
      },
      {
        ...fromSource,
        test: { name: 'whole', include: ['test/**/*.test.ts'], testTimeout: 60_000 },
      },
    ],
  },
});
