import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { precompress } from './vite.plugins.ts';
import {
  budget,
  inlinePictures,
  inlineStyles,
  laterEnglish,
  mountOnly,
  serviceWorker,
  shortScope,
  twoPieces,
} from './vite.rider.ts';

// The second pass of the build (npm run build): the rider's page and its service worker.
export default defineConfig({
  plugins: [
    laterEnglish(),
    mountOnly(),
    svelte({ compilerOptions: { cssHash: shortScope } }),
    inlinePictures(),
    inlineStyles(),
    serviceWorker(),
    budget(),
    precompress(),
  ],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    emptyOutDir: false, // the other pages are there
    copyPublicDir: false,
    chunkSizeWarningLimit: 1200, // MapLibre, loaded when a map is
    modulePreload: { polyfill: false }, // an older browser loads a little later
    rolldownOptions: {
      input: { rider: 'rider.html' },
      output: {
        codeSplitting: { groups: [{ name: twoPieces() }] },
      },
      // Modules of Svelte that are not used do nothing.
      treeshake: { moduleSideEffects: [{ test: /node_modules.svelte.src/, sideEffects: false }] },
      optimization: { inlineConst: { mode: 'all', pass: 3 } },
      checks: { pluginTimings: false },
    },
  },
  worker: { format: 'es' },
});
