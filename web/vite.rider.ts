// What makes the rider's page small, and at hand without a network. It has a pass of its own, so that it
// carries nothing of the other pages.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Plugin, type Rolldown } from 'vite';

const english = /\.en\.ts$/;
const later = '\0later:';

/**
 * Leaves the English out of the page: its catalogs get empty ones, which src/apps/rider/english.ts fills when
 * English is spoken.
 */
export function laterEnglish(): Plugin {
  return {
    name: 'yizhan-later-english',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (!english.test(source) || !importer || basename(importer) === 'english.ts') return null;
      const resolved = await this.resolve(source, importer, { skipSelf: true });
      return resolved ? later + resolved.id : null;
    },
    load(id) {
      if (!id.startsWith(later)) return null;
      return 'export default {}; export const names = {}; export const titles = {};';
    },
  };
}

const scopes = new Map<string, string>();

/** The class that keeps a component's styles to itself: three letters, where Svelte takes fourteen. */
export function shortScope({ hash, filename }: { hash: (text: string) => string; filename: string }): string {
  const scope = `r${hash(basename(filename)).slice(-2)}`;
  const taken = scopes.get(scope);
  if (taken !== undefined && taken !== filename) throw new Error(`${taken} and ${filename} share a scope`);
  scopes.set(scope, filename);
  return scope;
}

/** What in Svelte is never so here: the page is mounted, not hydrated, and all of it is written in runes. */
const never = new Map([
  ['/internal/client/dom/hydration.js', ['hydrating']],
  ['/internal/flags/index.js', ['async_mode_flag', 'legacy_mode_flag', 'tracing_mode_flag']],
]);

/** Makes constants of Svelte's switches that nobody turns, so that what they guard is left out: a twentieth. */
export function mountOnly(): Plugin {
  return {
    name: 'yizhan-mount-only',
    transform(code, id) {
      const flags = [...never].find(([path]) => id.endsWith(`svelte/src${path}`))?.[1];
      return flags?.reduce((text, flag) => {
        const declared = `export let ${flag} = false;`;
        if (!text.includes(declared)) throw new Error(`Svelte has no ${flag} any more: look at ${id}`);
        return text
          .replace(declared, `export const ${flag} = false;`)
          .replaceAll(new RegExp(`^\\t${flag} = \\w+;$`, 'gm'), '');
      }, code);
    },
  };
}

const sprite = 'src/apps/rider/icons.svg';

/**
 * Puts the pictures into the page itself: a file of their own would be a document of its own to the browser, which
 * a slow phone makes for a third of a second.
 */
export function inlinePictures(): Plugin {
  return {
    name: 'yizhan-inline-pictures',
    transformIndexHtml(html, { path }) {
      if (!path.endsWith('rider.html')) return html;
      const pictures = readFileSync(sprite, 'utf8')
        .replace(/<svg [^>]*>/, '<svg style="display: none">')
        .replace(/<!--.*?-->/gs, '')
        .replaceAll('\n', '');
      return html.replace('</body>', `${pictures}</body>`);
    },
  };
}

/** Puts the styles into the page itself: it is drawn at once, before anything else has arrived. */
export function inlineStyles(): Plugin {
  return {
    name: 'yizhan-inline-styles',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const page = bundle['rider.html'];
        if (page?.type !== 'asset') throw new Error('the build has no page');
        const link = /<link rel="stylesheet"[^>]* href="\/(assets\/[^"]+\.css)">/;
        const html = textOf(page);
        const [tag, name = ''] = link.exec(html) ?? [];
        if (tag === undefined) throw new Error('the page has no styles');
        page.source = html.replace(tag, () => `<style>${textOf(bundle[name]).trim()}</style>`);
        Reflect.deleteProperty(bundle, name);
        // What other pieces would have waited for is there already, as their scripts know the page's to be.
        const script = /src="\/(assets\/[^"]+\.js)"/.exec(html)?.[1] ?? '';
        for (const each of Object.values(bundle)) {
          if (each.type === 'chunk') each.code = each.code.replaceAll(`"${name}"`, `"${script}"`);
        }
      },
    },
  };
}

interface ModuleGraph {
  getModuleInfo(id: string): { readonly importers: readonly string[] } | null;
}

/** What is fetched together once the list is there, and is then at hand without a network. */
const fetchedAfter = [
  'Afterwards',
  'Emptiness',
  'NavSheet',
  'PlaceSheet',
  'ReportLinks',
  'SettingsSheet',
  'StationScreen',
];

/**
 * Puts all that the page needs at once into one file, which compresses best and takes one round trip: what
 * main.ts imports, and what that imports. What it fetches right after the first look is another.
 */
export function twoPieces(): (id: string, graph: ModuleGraph) => string | null {
  const isOfPage = importedFrom((id) => id.endsWith('/src/apps/rider/main.ts'));
  const isOfRest = importedFrom((id) =>
    fetchedAfter.some((name) => id.endsWith(`/src/apps/rider/${name}.svelte`)),
  );
  return (id, graph) => (isOfPage(id, graph) ? 'page' : isOfRest(id, graph) ? 'rest' : null);
}

/** Whether a module is a root, or is imported by one, or by what a root imports; not counting later imports. */
function importedFrom(isRoot: (id: string) => boolean): (id: string, graph: ModuleGraph) => boolean {
  const known = new Map<string, boolean>();
  const isNeeded = (id: string, graph: ModuleGraph): boolean => {
    const before = known.get(id);
    if (before !== undefined) return before;
    known.set(id, isRoot(id)); // a circle leads nowhere new
    const needed =
      known.get(id) === true ||
      (graph.getModuleInfo(id)?.importers ?? []).some((each) => isNeeded(each, graph));
    known.set(id, needed);
    return needed;
  };
  return isNeeded;
}

/** What comes with the page, and what only with a map. */
const ofMap = /map|maplibre/i;

/**
 * Builds the service worker, tells it what the page is made of, and gives that a name by its content. It is a script
 * by itself: not every browser knows workers that import.
 */
export function serviceWorker(): Plugin {
  return {
    name: 'yizhan-service-worker',
    generateBundle: {
      order: 'post',
      async handler(_options, bundle) {
        const page = textOf(bundle['rider.html']);
        const files = Object.keys(bundle)
          .filter((name) => name.startsWith('assets/') && !ofMap.test(name))
          .map((name) => `/${name}`)
          .sort();
        const version = createHash('sha256')
          .update(page + files.join())
          .digest('hex')
          .slice(0, 12);
        const code = await workerCode();
        if (!code.includes('__SHELL__')) throw new Error('the service worker names no shell');
        const shell = JSON.stringify({ version, files });
        this.emitFile({ type: 'asset', fileName: 'sw.js', source: `const __SHELL__=${shell};${code}` });
      },
    },
  };
}

async function workerCode(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      copyPublicDir: false,
      target: 'es2022',
      rolldownOptions: { input: 'src/sw/sw.ts', output: { format: 'iife' } },
    },
  });
  if (!('output' in built)) throw new Error('the service worker is no single file');
  return built.output[0].code;
}

/** The most that the page's scripts and styles may weigh, as gzip, before a map is asked for. */
const most = 40_000;

/** Fails the build when the page has become too heavy: the scripts that its HTML asks for, and the styles in it. */
export function budget(): Plugin {
  return {
    name: 'yizhan-budget',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const page = textOf(bundle['rider.html']);
        const wanted = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map(
          ([, name = '']) => [name, textOf(bundle[name])] as const,
        );
        const styles = [...page.matchAll(/<style>(.*?)<\/style>/gs)].map(
          ([, text = '']) => ['styles', text] as const,
        );
        const weights = [...wanted, ...styles].map(
          ([name, text]) => [name, gzipSync(text, { level: 9 }).length] as const,
        );
        const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
        const list = weights.map(([name, weight]) => `${name} ${String(weight)}`).join(', ');
        if (wanted.length === 0 || styles.length !== 1 || total > most) {
          throw new Error(
            `the rider's page weighs ${String(total)} bytes, more than ${String(most)}: ${list}`,
          );
        }
        this.info(`the rider's page weighs ${String(total)} bytes: ${list}`);
      },
    },
  };
}

function textOf(file: Rolldown.OutputAsset | Rolldown.OutputChunk | undefined): string {
  if (!file) throw new Error('the build has no such file');
  if (file.type === 'chunk') return file.code;
  return typeof file.source === 'string' ? file.source : new TextDecoder().decode(file.source);
}
