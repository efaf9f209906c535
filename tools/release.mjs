// Checks that this commit can be published, and prints what is left to type. Publishes nothing: npm run release
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const { name, version, repository, exports } = JSON.parse(readFileSync('package.json', 'utf8'));
const shell = process.platform === 'win32';
const run = (program, args, cwd = '.') => execFileSync(program, args, { cwd, encoding: 'utf8', shell });
const show = (program, args) => execFileSync(program, args, { stdio: 'inherit', shell });
function refuse(reason) {
  console.error(`release: ${reason}`);
  process.exit(1);
}

const changed = run('git', ['status', '--porcelain']);
if (changed) refuse(`commit or remove these first:\n${changed}`);
const heading = readFileSync('CHANGELOG.md', 'utf8')
  .split('\n')
  .find((line) => line.startsWith(`## [${version}]`));
if (!heading) refuse(`CHANGELOG.md has no section "## [${version}] - YYYY-MM-DD".`);

show('npx', ['--no-install', 'vitest', 'run', '--project', 'package', 'test/package/api.test.ts']);
const packed = run('npm', ['pack', '--json']); // builds first, which may print, too
const [{ filename }] = JSON.parse(packed.slice(packed.indexOf('[\n')));
const tarball = resolve(filename);

const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-release-'));
let printed;
try {
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  run('npm', ['install', '--no-audit', '--no-fund', '--omit=optional', tarball], folder);
  for (const path of Object.keys(exports).filter((path) => !path.endsWith('.json'))) {
    const entry = join(name, path).replaceAll('\\', '/');
    const script = `if (Object.keys(await import('${entry}')).length === 0) throw new Error('${entry} exports nothing');`;
    run(process.execPath, ['--input-type=module', '--eval', script], folder);
  }
  printed = run('npx', ['--no-install', name, '--version'], folder).trim();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (printed !== version) refuse(`the installed command prints version ${printed}, but package.json has ${version}.`);

show('npm', ['publish', '--dry-run', tarball]);

console.log(`\n${filename} installs, imports and runs.`);
const missing = [
  /- \d{4}-\d\d-\d\d$/.test(heading) ? '' : `the date of ${version} in CHANGELOG.md`,
  repository ? '' : '"repository" in package.json, which provenance needs',
].filter(Boolean);
if (missing.length > 0) console.log(`Before publishing, fill in ${missing.join(' and ')}; commit, and run this again.`);
else
  console.log(`To publish it, type this in a CI job with an OIDC token:\n  git tag v${version} && git push origin v${version}
  npm publish ${filename}
or on your own machine, without provenance:\n  npm publish --provenance=false ${filename}`);
