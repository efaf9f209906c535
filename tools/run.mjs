// Runs a TypeScript file that imports shaders: node tools/run.mjs bench/main.ts [arguments]
import { resolve } from 'node:path';
import { runnerImport } from 'vite';

const [file] = process.argv.splice(2, 1);
const { module } = await runnerImport(resolve('tools/wgsl.ts'), { configFile: false, logLevel: 'error' });
await runnerImport(resolve(file), { configFile: false, logLevel: 'error', plugins: [module.wgsl()] });
