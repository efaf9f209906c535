import { defineConfig, type UserConfig } from 'vite';
import { pageBuild, pagePlugins } from './tools/page_chunks.ts';
import { pageScript } from './tools/page_script.ts';
import { wgsl } from './tools/wgsl.ts';

/** The page: `vite` serves it; `vite build` writes site/, which works from any path of any file server. */
const page: UserConfig = {
  root: 'demo',
  base: './',
  plugins: [wgsl({ keepsLines: false }), pagePlugins()],
  build: { ...pageBuild, outDir: '../site', emptyOutDir: true, target: 'es2022' },
};

/** The entries of package.json's exports, and the command. */
const entries = ['index', 'data', 'worker/index', 'worker/client', 'node/index', 'node/cli'];

/** Separate files, so that bundlers can drop each completely if it is not imported; see "Size" in bench/NOTES.md. */
const apart = ['nn/recurrent', 'self_test/self_test'];

/** The library and the command: `vite build --mode library` writes dist/, with the WGSL embedded as strings. */
const library: UserConfig = {
  plugins: [wgsl(), pageScript()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    lib: {
      entry: Object.fromEntries([...entries, ...apart].map((name) => [name, `src/${name}.ts`])),
      formats: ['es'],
    },
    rolldownOptions: {
      external: [/^node:/, 'webgpu', 'bullmq', 'ioredis', 'date-holidays', 'hyparquet', 'hyparquet-writer'],
      // no comments; names and lines are kept for stack traces: applications minify their own bundles
      output: { minify: { mangle: false, compress: false, codegen: { removeWhitespace: false } } },
    },
  },
};

export default defineConfig(({ mode }) => (mode === 'library' ? library : page));
