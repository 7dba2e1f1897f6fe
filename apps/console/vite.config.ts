import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const SERVER = process.env['VETO_DEV_SERVER'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: '../../dist/apps/console',
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy knows only 'self': nothing may become a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: {
    host: '127.0.0.1',
    proxy: { '/desk': SERVER, '/live': { target: SERVER, ws: true }, '/docs': SERVER },
  },
});
