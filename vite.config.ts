import { defineConfig, type UserConfig } from 'vite';
import { wgsl } from './tools/wgsl.ts';

/** The page: `vite` serves it, `vite build` writes site/, which works from any sub-path of any file server. */
const page: UserConfig = {
  root: 'demo',
  base: './',
  plugins: [wgsl()],
  worker: { format: 'es', plugins: () => [wgsl()] },
  build: { outDir: '../site', emptyOutDir: true, target: 'es2022' },
};

/** The library and the command: `vite build --mode library` writes dist/, with the WGSL inside as strings. */
const library: UserConfig = {
  plugins: [wgsl()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: true,
    minify: false,
    lib: {
      entry: { index: 'src/index.ts', 'node/index': 'src/node/index.ts', 'node/cli': 'src/node/cli.ts' },
      formats: ['es'],
    },
    rolldownOptions: {
      external: [/^node:/, 'webgpu', 'papaparse', 'idb-keyval', 'bullmq', 'ioredis', 'hyparquet-writer'],
    },
  },
};

export default defineConfig(({ mode }) => (mode === 'library' ? library : page));
