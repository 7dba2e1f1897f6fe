import react from '@vitejs/plugin-react';
import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const SERVER = process.env['VETO_DEV_SERVER'] ?? 'http://127.0.0.1:8080';

/** What the first page may weigh: JavaScript of the entry and all that it needs at once, gzipped. */
const FIRST_ROUTE_BYTES_MAX = 180_000;

/** A budget is a test: a build that exceeds it fails, and says by how much. */
function firstRouteBudget(): Plugin {
  return {
    name: 'veto:first-route-budget',
    apply: 'build',
    generateBundle(_options, bundle) {
      const wanted = Object.values(bundle).flatMap((file) =>
        file.type === 'chunk' && file.isEntry ? [file.fileName] : [],
      );
      const seen = new Set<string>();
      let byteCount = 0;
      for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
        const file = bundle[name];
        if (file?.type !== 'chunk' || seen.has(name)) continue;
        seen.add(name);
        byteCount += gzipSync(file.code).length;
        wanted.push(...file.imports);
      }
      const summary = `the first route weighs ${byteCount} bytes of gzipped JavaScript, at most ${FIRST_ROUTE_BYTES_MAX}`;
      if (byteCount > FIRST_ROUTE_BYTES_MAX) this.error(summary);
      this.info(summary);
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), firstRouteBudget()],
  build: {
    outDir: '../../dist/apps/console',
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy knows only 'self': nothing may become a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The budget above is the limit; a second one by the size of a single file says nothing more.
    chunkSizeWarningLimit: 1_000,
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/desk': SERVER, '/live': { target: SERVER, ws: true }, '/docs': SERVER },
  },
});
