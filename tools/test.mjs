// npm test: the library's tests (pure, in Node on Dawn, in headless Chrome, of the package), a few of them in Deno and in headless
// Firefox, then the page's, then what was skipped and why, then one line of counts.
// npm run test:firefox: all tests of the GPU in headless Firefox, and the page's that run there, counted the same way.
// npm run test:deno: all tests of the GPU in Deno, the same.
// npm run parity: the tutorial's job, all 20 epochs of every plan, in Node and in headless Chrome; and 50 random recurrent
// modules and 200 random whole trainings against PyTorch itself, where python3 has torch (SEED=1 repeats a draw); and a long
// training on a series of fifteen years.
// npm run mutants: faults in every dispatch of a training step, and whether anything shows of them.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runnerImport } from 'vite';

const reports = mkdtempSync(join(tmpdir(), 'lstm-webgpu-test-'));
let ok = true;

const VITEST = 'node_modules/vitest/vitest.mjs';
const { module: deno } = await imported('tools/deno.ts');

/** Imports a module in TypeScript. */
function imported(path) {
  return runnerImport(resolve(path), { configFile: false, logLevel: 'error' });
}

function run(program, args, env = {}) {
  const { status } = spawnSync(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  ok &&= status === 0;
}

/** Runs beside others, and says what it has to say at its end: for what mostly waits. */
function runBeside(program, args) {
  const path = join(reports, 'beside.log');
  const log = openSync(path, 'w');
  const child = spawn(program, args, { stdio: ['ignore', log, log] });
  const ended = new Promise((resolve) => {
    child.on('exit', resolve);
    child.on('error', resolve);
  });
  return async () => {
    const code = await ended;
    ok &&= code === 0;
    process.stdout.write(readFileSync(path));
  };
}

const HEAVY = {
  parity: ['test/gpu/tutorial.test.ts', 'test/parity/'],
  mutants: ['test/mutants/'],
};
const heavy = HEAVY[process.argv[2]];
if (heavy) {
  run(process.execPath, [VITEST, 'run', ...heavy], { ALL_EPOCHS: '1' });
  process.exit(ok ? 0 : 1);
}

const written = [];
function vitest(name, args, { host = [process.execPath], how = run } = {}) {
  const path = join(reports, `${name}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${path}`];
  const [program, ...before] = host;
  written.push([path, 'ofVitest']);
  return how(program, [...before, VITEST, 'run', ...args, ...reporters]);
}
function playwright(...args) {
  const path = join(reports, 'page.json');
  const env = { PLAYWRIGHT_JSON_OUTPUT_NAME: path };
  run(process.execPath, ['node_modules/@playwright/test/cli.js', 'test', ...args, '--reporter=list,json'], env);
  written.push([path, 'ofPlaywright']);
}
/** @param files all of them where there are none. */
function inDeno(...files) {
  const path = deno.resolveDeno();
  const host = path && [path, 'run', '--allow-all']; // without it, they are skipped
  vitest('deno', ['--project', 'deno', ...files], { host });
}

const gpu = (...names) => names.map((name) => `test/gpu/${name}.test.ts`);
if (process.argv[2] === 'firefox') {
  vitest('firefox', ['--project', 'firefox']);
  playwright('--project', 'firefox');
} else if (process.argv[2] === 'deno') {
  inDeno();
} else {
  const sayFirefox = vitest('firefox', ['--project', 'firefox', ...gpu('self_test', 'survival')], { how: runBeside });
  const projects = ['pure', 'node', 'chrome', 'chrome-alone', 'package'];
  vitest(
    'library',
    projects.flatMap((name) => ['--project', name]),
  );
  const files = gpu('self_test', 'survival', 'sequences', 'shader_errors');
  inDeno(...files, 'test/node/checkpoint.test.ts', 'test/node/memory.test.ts');
  await sayFirefox();
  playwright();
}

const { module } = await imported('tools/test_report.ts');
const counts = [];
for (const [path, read] of written)
  try {
    counts.push(module[read](JSON.parse(readFileSync(path, 'utf8'))));
  } catch (error) {
    console.error(`No test report: ${error.message}`);
    ok = false;
  }
rmSync(reports, { recursive: true, force: true });
console.log(module.summaryOf(counts));
process.exit(ok ? 0 : 1);
