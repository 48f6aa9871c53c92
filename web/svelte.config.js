import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default {
  preprocess: vitePreprocess(),
  // Every component is written in runes; one that does not look so costs the page the older runtime.
  compilerOptions: { runes: true },
};
