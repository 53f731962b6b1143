import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import type { Plugin } from 'vite';

import { viewNames } from './src/app/view-names.ts';

/** What the server answers with the page: so that its list and the router's are one. */
function listViews(): Plugin {
  return {
    name: 'list-views',
    async writeBundle({ dir }) {
      await writeFile(join(dir!, 'views.json'), JSON.stringify(viewNames));
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  // The base path is the server's to choose, so nothing is built into the addresses.
  base: './',
  plugins: [react(), listViews()],
  resolve: { conditions: ['headwater-source', 'module', 'browser', 'production'] },
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    // What belongs to what, for the check of the size.
    manifest: true,
    // The licences of everything in the bundle, which travel with it.
    license: { fileName: 'third-party-licenses.md' },
    // The policy allows no `data:` addresses.
    assetsInlineLimit: 0,
    // The server compresses, and the check counts.
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
    modulePreload: { polyfill: false },
  },
});
