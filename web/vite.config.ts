import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';
import { pageRoutes } from './vite.plugins.ts';
import { inlinePictures } from './vite.rider.ts';

// One page each for riders, planners, analysts and administrators, and one to sign in. The Go server maps / /plan/
// /insight/ /admin/ and /login/ to them. This is the first pass of the build (npm run build): all but the rider's
// page, which has one of its own.
export default defineConfig({
  plugins: [svelte(), svelteTesting(), pageRoutes(), inlinePictures()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200, // MapLibre, loaded when a map is
    rolldownOptions: {
      input: ['planner.html', 'analyst.html', 'admin.html', 'login.html'],
      checks: { pluginTimings: false },
    },
  },
  worker: { format: 'es' },
  // The server takes changes only from its own origin: it must see the one that the browser sees.
  server: {
    proxy: { '/api': { target: process.env.YIZHAN_API ?? 'http://127.0.0.1:8080', changeOrigin: false } },
  },
  test: { environment: 'jsdom', include: ['src/**/*.test.ts'] },
});
