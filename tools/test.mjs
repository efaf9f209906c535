// npm test: the library's tests (pure, in Node on Dawn, in headless Chrome, of the package), a few of them in headless Firefox,
// then the page's, then what was skipped and why, then one line of counts.
// npm run test:firefox: all tests of the GPU in headless Firefox, and the page's that run there, counted the same way.
// npm run parity: the tutorial's job, all 20 epochs of every plan, in Node and in headless Chrome; and 50 random recurrent
// modules and 200 random whole trainings against PyTorch itself, where python3 has torch (SEED=1 repeats a draw); and a long
// training on a series of fifteen years.
// npm run mutants: faults in every dispatch of a training step, and whether anything shows of them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runnerImport } from 'vite';

const reports = mkdtempSync(join(tmpdir(), 'lstm-webgpu-test-'));
let ok = true;

function run(command, env = {}) {
  const { status } = spawnSync('npx', ['--no-install', ...command], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  });
  ok &&= status === 0;
}

const HEAVY = {
  parity: ['test/gpu/tutorial.test.ts', 'test/parity/'],
  mutants: ['test/mutants/'],
};
const heavy = HEAVY[process.argv[2]];
if (heavy) {
  run(['vitest', 'run', ...heavy], { ALL_EPOCHS: '1' });
  process.exit(ok ? 0 : 1);
}

const written = [];
function vitest(name, ...args) {
  const path = join(reports, `${name}.json`);
  run(['vitest', 'run', ...args, '--reporter=default', '--reporter=json', `--outputFile.json=${path}`]);
  written.push([path, 'ofVitest']);
}
function playwright(...args) {
  const path = join(reports, 'page.json');
  run(['playwright', 'test', ...args, '--reporter=list,json'], { PLAYWRIGHT_JSON_OUTPUT_NAME: path });
  written.push([path, 'ofPlaywright']);
}

if (process.argv[2] === 'firefox') {
  vitest('firefox', '--project', 'firefox');
  playwright('--project', 'firefox');
} else {
  vitest('library', ...['pure', 'node', 'chrome', 'chrome-alone', 'package'].flatMap((name) => ['--project', name]));
  vitest('firefox', '--project', 'firefox', 'test/gpu/self_test.test.ts', 'test/gpu/survival.test.ts');
  playwright();
}

const { module } = await runnerImport(resolve('tools/test_report.ts'), { configFile: false, logLevel: 'error' });
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
