import js from '@eslint/js';
import { createNodeResolver, flatConfigs, importX } from 'eslint-plugin-import-x';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import tseslint from 'typescript-eslint';

// The fences: pages use shared folders, never the reverse and never each other; each heavy library has
// one door.
const apps = ['rider', 'planner', 'analyst', 'admin', 'login'];
const shared = ['api', 'draw', 'geo', 'map', 'model', 'ui'];
const zones = [
  ...apps.map((app) => ({
    target: `./src/apps/${app}`,
    from: './src/apps',
    except: [`./${app}`],
    message: 'A page does not use another page: move what both need to a shared folder.',
  })),
  ...shared.map((folder) => ({
    target: `./src/${folder}`,
    from: './src/apps',
    message: 'A shared folder does not know the pages.',
  })),
  {
    target: './src/model',
    from: ['./src/ui', './src/map', './src/api'],
    message: 'The model is state and actions: no DOM, no Svelte, no wire.',
  },
  {
    target: './src/geo',
    from: ['./src/ui', './src/map', './src/api', './src/model'],
    message: 'Geometry stands alone.',
  },
];

const doors = {
  map: { name: 'maplibre-gl', message: 'Only src/map talks to MapLibre.' },
  draw: { name: 'terra-draw', message: 'Only src/draw talks to Terra Draw.' },
};
const only = (...kept) => ({
  'no-restricted-imports': [
    'error',
    {
      paths: kept,
      patterns: kept.map(({ name, message }) => ({ group: [`${name}/*`], message })),
    },
  ],
});

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'test-results', 'playwright-report', 'src/api/types.gen.ts'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  ...tseslint.configs.stylistic,
  ...svelte.configs.recommended,
  flatConfigs.typescript,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.svelte'] },
    },
  },
  {
    plugins: { 'import-x': importX },
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    settings: {
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.svelte.ts', '.js', '.svelte'] })],
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      ...only(doors.map, doors.draw),
      'no-undef': 'off', // TypeScript does this, and knows types
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      'svelte/no-navigation-without-resolve': 'off', // a SvelteKit rule
      'svelte/prefer-svelte-reactivity': 'error',
      eqeqeq: 'error',
    },
  },
  { files: ['src/map/**'], rules: only(doors.draw) },
  { files: ['src/draw/**'], rules: only(doors.map) },
);
