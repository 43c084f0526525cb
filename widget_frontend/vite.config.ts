import { fileURLToPath } from 'node:url';

import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const page = (name: string): string => fileURLToPath(new URL(`${name}.html`, import.meta.url));

/**
 * Vite wraps every dynamic import in a helper that preloads its styles. Our late parts have none (a page's
 * styles come with the page), and the helper would be one of the biggest modules of the card.
 */
const plainImports: Plugin = {
  name: 'stepgate:plain-imports',
  enforce: 'pre',
  load: (id) => (id === '\0vite/preload-helper.js' ? 'export const __vitePreload = (load) => load();' : null),
};

export default defineConfig({
  // The server answers the pages at /embed/<crm>/<account>/<view> and the files at /assets.
  base: '/',
  plugins: [plainImports],
  build: {
    outDir: '../app/web',
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: 'es2022',
    modulePreload: { polyfill: false },
    // A strict Content-Security-Policy allows no data: addresses.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { card: page('card'), settings: page('settings'), panel: page('panel') },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing/setup.ts'],
    restoreMocks: true,
  },
});
