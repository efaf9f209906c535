// npm test: the library's tests (pure, in Node on Dawn, in headless Chrome, of the package), a few of them in Deno and in headless
// Firefox, then the page's; then the skipped tests with their reasons, and one line of counts.
// npm test divides the longest lists of cases between Node and Chrome; npm run test:all runs every case in both.
// npm run test:firefox: all GPU tests in headless Firefox, and the page's tests that run there, counted the same way.
// npm run test:deno: the same for all GPU tests in Deno.
// npm run parity: the tutorial's job, all 20 epochs of every plan, in Node and in headless Chrome; the page's longest races; 50 random
// recurrent modules and 200 random training runs compared with PyTorch itself, if python3 has torch (SEED=1 repeats a draw); and a long
// training run on a series of fifteen years.
// npm run mutants: a fault in every dispatch of a training step, and whether a test notices it.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runnerImport } from 'vite';

const reports = mkdtempSync(join(tmpdir(), 'lstm-webgpu-test-'));
let ok = true;

const VITEST = 'node_modules/vitest/vitest.mjs';
const { module: deno } = await imported('tools/deno.ts');

/** Imports a TypeScript module. */
function imported(path) {
  return runnerImport(resolve(path), { configFile: false, logLevel: 'error' });
}

function run(program, args, env = {}) {
  const { status } = spawnSync(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  ok &&= status === 0;
}

/** Runs in parallel with others. @returns prints its output at its end. */
function runInParallel(program, args) {
  const path = join(mkdtempSync(join(reports, 'parallel-')), 'output.log');
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
  parity: ['test/gpu/tutorial.test.ts', 'test/node/learn.test.ts', 'test/parity/'],
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
/** @param files empty: all. */
function inDeno(files, how = run) {
  const path = deno.resolveDeno();
  const host = path && [path, 'run', '--allow-all']; // without Deno the tests are skipped
  return vitest('deno', ['--project', 'deno', ...files], { host, how });
}

const gpu = (...names) => names.map((name) => `test/gpu/${name}.test.ts`);
if (process.argv[2] === 'firefox') {
  vitest('firefox', ['--project', 'firefox']);
  playwright('--project', 'firefox');
} else if (process.argv[2] === 'deno') {
  inDeno([]);
} else {
  const few = gpu('self_test', 'survival');
  const printFirefox = vitest('firefox', ['--project', 'firefox', ...few], { how: runInParallel });
  const more = [...gpu('sequences', 'shader_errors'), 'test/node/checkpoint.test.ts', 'test/node/memory.test.ts'];
  const printDeno = inDeno([...few, ...more], runInParallel);
  if (process.argv[2] !== 'all') process.env.DIVIDED = '1';
  const projects = ['pure', 'node', 'chrome', 'chrome-alone', 'package'];
  vitest(
    'library',
    projects.flatMap((name) => ['--project', name]),
  );
  await printFirefox();
  await printDeno();
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
