import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

// `base` is relative so that the page may be served from any path behind a site's own proxy.
// The built page goes where the Python package carries it.
export default defineConfig({
  base: './',
  plugins: [svelte(), svelteTesting({ autoCleanup: false })],
  build: {
    outDir: '../static',
    emptyOutDir: true,
    target: 'es2022',
    // Nothing is inlined into the page, so that it runs under a strict content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // Tests of panels ask for jsdom by themselves; the others need no page and are faster without.
  // A busy machine draws a page slowly; nothing here asks how fast.
  test: { include: ['test/**/*.test.ts'], restoreMocks: true, testTimeout: 60_000, hookTimeout: 60_000 },
});
