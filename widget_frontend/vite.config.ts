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

/**
 * The card is opened dozens of times a day, the two other pages now and then. Built with them it would be cut
 * into many small files; built alone (`--mode card`) it is fewer and smaller ones.
 */
const PAGES: Record<string, string[]> = { card: ['card'], pages: ['settings', 'panel'] };

export default defineConfig(({ mode }) => ({
  // The server answers the pages at /embed/<crm>/<account>/<view> and the files at /assets.
  base: '/',
  plugins: [plainImports],
  build: {
    outDir: '../app/web',
    emptyOutDir: mode !== 'card',
    manifest: `manifest.${mode}.json`,
    target: 'es2022',
    // The card is one file to start with: there is nothing to load ahead, and lists of files would make it bigger.
    modulePreload: mode === 'card' ? false : { polyfill: false },
    // A strict Content-Security-Policy allows no data: addresses.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: Object.fromEntries((PAGES[mode] ?? Object.values(PAGES).flat()).map((name) => [name, page(name)])),
      // All that the card starts with in one file: small files compress badly.
      ...(mode === 'card' ? { output: { codeSplitting: { groups: [{ name: 'start', tags: ['$initial'] }] } } } : {}),
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}'],
    setupFiles: ['src/testing/setup.ts'],
    restoreMocks: true,
  },
}));
