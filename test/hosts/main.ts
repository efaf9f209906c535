// npm run hosts: the tutorial of the built library in Node 20 to 26, Deno, Bun, Chrome and Firefox, each with its own WebGPU, and
// in Deno on llvmpipe if Mesa is installed. Exit code 1: losses further than 1e-5 from Chrome's, results after a lost device that
// are not bit-identical, or a driver that ends loops early and was not rejected. Hosts come from npm, into node_modules/.cache/hosts.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { chromium, firefox } from 'playwright';
import { browserOutput } from '../../tools/browser_output.ts';
import { resolveChrome } from '../../tools/chrome.ts';
import { NEEDED_FIREFOX, resolveFirefox } from '../../tools/firefox.ts';
import { serve } from '../package/static_server.ts';

/** The results of the job in a host. */
interface Found {
  device: string;
  /** Failed checks of the self-test. */
  failed: string[];
  /** Code of the library's error, if it rejected the device. */
  refused?: string;
  seconds: number;
  losses: number[];
  /** The forecast 100 steps ahead. */
  ahead: number;
  /** The time of that forecast. */
  predictMs: number;
  lost: number;
  same: boolean;
}

const TOLERANCE = 1e-5;
const CACHE = 'node_modules/.cache/hosts';
const LLVMPIPE = ['x86_64', 'aarch64']
  .map((machine) => `/usr/share/vulkan/icd.d/lvp_icd.${machine}.json`)
  .find((path) => existsSync(path));

const platform = `${process.platform}-${process.arch}`;
const libc = process.platform === 'linux' ? '-glibc' : '';
/** Programs from npm packages that contain nothing else. */
const HOSTS = [
  ...[20, 22, 24, 26].map((version) => host(`Node ${version}`, `node-${platform}@${version}`, 'bin/node')),
  host('Deno', `@deno/${platform}${libc}`, 'deno', ['run', '--allow-all']),
  host('Bun', `@oven/bun-${platform}`, 'bin/bun'),
];

function host(name: string, spec: string, program: string, args: readonly string[] = []) {
  const folder = join(CACHE, name.toLowerCase().replace(' ', '-'));
  const path = resolve(folder, 'node_modules', spec.replace(/(.)@[^/]*$/, '$1'), program);
  return { name, spec, folder, path, args };
}

function install({ spec, folder, path }: (typeof HOSTS)[number]): void {
  if (existsSync(path)) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const args = [
    'install',
    '--prefix',
    folder,
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--loglevel',
    'error',
    spec,
  ];
  execFileSync('npm', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function inProgram(path: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Found> {
  const { stdout } = await promisify(execFile)(path, [...args, 'test/hosts/run.js'], {
    env: { ...process.env, ...env },
  });
  return JSON.parse(stdout.slice(stdout.indexOf('{"device"'))) as Found;
}

const difference = (found: Found, truth: Found): number =>
  Math.max(...found.losses.map((loss, epoch) => Math.abs(loss - truth.losses[epoch]!)));

const { url, server } = await serve('.');
const page = `${url}test/hosts/page.html`;
const chrome = await browserOutput<Found>(chromium, await resolveChrome(), page);
report('Chrome', chrome);

function report(name: string, found: Found): void {
  const { device, failed, refused, seconds, ahead, predictMs, lost, same } = found;
  if (refused !== undefined || failed.length > 0) {
    console.log(`${name.padEnd(16)} ${device}: rejected (${refused}); self-test: ${failed[0] ?? 'passed'}`);
    if (refused !== 'loops-cut-short' || failed.length === 0) process.exitCode = 1;
    return;
  }
  const off = difference(found, chrome);
  const numbers = `${seconds.toFixed(1)} s, losses off by ${off.toExponential(1)}, 100 steps ahead ${ahead.toFixed(3)} in ${predictMs.toFixed(0)} ms`;
  console.log(`${name.padEnd(16)} ${device}: ${numbers}; lost ${lost}, then ${same ? 'bit-identical' : 'DIFFERENT'}`);
  if (!(off <= TOLERANCE) || lost !== 1 || !same) process.exitCode = 1;
}

async function attempt(name: string, work: () => Promise<Found>): Promise<void> {
  try {
    report(name, await work());
  } catch (error) {
    console.log(`${name.padEnd(16)} failed: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

const fox = await resolveFirefox();
if (fox) await attempt('Firefox', () => browserOutput(firefox, fox, page));
else console.log(`Firefox          skipped: it needs ${NEEDED_FIREFOX}`);
server.close();
for (const one of HOSTS)
  await attempt(one.name, () => {
    install(one);
    return inProgram(one.path, one.args);
  });
const deno = HOSTS.find(({ name }) => name === 'Deno')!;
if (LLVMPIPE) await attempt('Deno, llvmpipe', () => inProgram(deno.path, deno.args, { VK_ICD_FILENAMES: LLVMPIPE }));
else console.log('Deno, llvmpipe   skipped: it needs Mesa: apt-get install mesa-vulkan-drivers');
