import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compressAssets } from './build/compress-assets.ts';

const server = 'http://127.0.0.1:4000';

export default defineConfig({
  plugins: [react(), tailwindcss(), compressAssets()],
  build: {
    target: 'es2023',
    modulePreload: { polyfill: false },
    manifest: true,
    assetsInlineLimit: 0,
  },
  server: { proxy: { '/api': server, '/docs': server, '/openapi.json': server } },
});
