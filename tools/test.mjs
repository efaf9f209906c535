// npm test: the library's tests (pure, in Node on Dawn, in headless Chrome, of the package), then the page's, then what was
// skipped and why, then one line of counts.
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

const library = join(reports, 'library.json');
const projects = ['pure', 'node', 'chrome', 'chrome-alone', 'package'].flatMap((name) => ['--project', name]);
run(['vitest', 'run', ...projects, '--reporter=default', '--reporter=json', `--outputFile.json=${library}`]);
const page = join(reports, 'page.json');
run(['playwright', 'test', '--reporter=list,json'], { PLAYWRIGHT_JSON_OUTPUT_NAME: page });

const { module } = await runnerImport(resolve('tools/test_report.ts'), { configFile: false, logLevel: 'error' });
const { ofVitest, ofPlaywright, summaryOf } = module;
const counts = [];
for (const [path, read] of [
  [library, ofVitest],
  [page, ofPlaywright],
])
  try {
    counts.push(read(JSON.parse(readFileSync(path, 'utf8'))));
  } catch (error) {
    console.error(`No test report: ${error.message}`);
    ok = false;
  }
rmSync(reports, { recursive: true, force: true });
console.log(summaryOf(counts));
process.exit(ok ? 0 : 1);
