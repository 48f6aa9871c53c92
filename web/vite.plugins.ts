import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const compressible = /\.(?:html|js|mjs|css|svg|json|webmanifest|txt)$/;
const smallest = 1024; // below this the header costs more than the body saves

/** Writes a .gz and a .br beside each text file of the build, so that the server never compresses one. */
export function precompress(): Plugin {
  let folder = 'dist';
  return {
    name: 'yizhan-precompress',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    async closeBundle() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile() && compressible.test(entry.name));
      await Promise.all(files.map((entry) => compressFile(join(entry.parentPath, entry.name))));
    },
  };
}

async function compressFile(path: string): Promise<void> {
  const body = await readFile(path);
  if (body.byteLength < smallest) return;
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  const [zipped, brotli] = await Promise.all([
    promisify(gzip)(body, { level: constants.Z_BEST_COMPRESSION }),
    promisify(brotliCompress)(body, quality),
  ]);
  await Promise.all([writeFile(`${path}.gz`, zipped), writeFile(`${path}.br`, brotli)]);
}

/** Serves the pages of the development server at the paths that the Go server gives them. */
export function pageRoutes(): Plugin {
  const pages = new Map([
    ['/', '/rider.html'],
    ['/plan/', '/planner.html'],
    ['/insight/', '/analyst.html'],
    ['/admin/', '/admin.html'],
    ['/login/', '/login.html'],
  ]);
  return {
    name: 'yizhan-page-routes',
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const [path = '/', query] = (request.url ?? '/').split('?', 2);
        const page = pages.get(path);
        if (page) request.url = query === undefined ? page : `${page}?${query}`;
        next();
      });
    },
  };
}
