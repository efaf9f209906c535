// The Chrome for tests and benchmarks: CHROME_PATH, else an installed Chrome or Chromium, else the one from npm.
import { createReadStream, createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { brotliDecompressSync, createBrotliDecompress } from 'node:zlib';
import { inPlaceWhenWhole } from '../src/node/cache.ts';
import { chromiumArchives, hasGraphicsDriver, untar } from '../src/node/software.ts';
import { environment, installed, isRecent } from './programs.ts';

export interface Chrome {
  executablePath: string;
  args: string[];
  env: Record<string, string>;
}

/** SwiftShader for compute, canvas and compositor: without all of these flags the first WebGPU canvas loses the device. */
const SOFTWARE_FLAGS = [
  '--use-webgpu-adapter=swiftshader',
  '--use-angle=swiftshader',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
];

/** Needed for WebGPU in workers. */
const OLDEST = 120;

const PLACES = {
  darwin: '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  win32: 'Google/Chrome/Application/chrome.exe',
  linux: ['google-chrome', 'chromium', 'chromium-browser'],
};

/** @throws Error with what to install if there is no Chrome. */
export async function resolveChrome(): Promise<Chrome> {
  const env = environment();
  const args = ['--enable-unsafe-webgpu'];
  if (process.platform === 'linux') args.push('--no-sandbox');
  if (process.platform === 'linux' && !hasGraphicsDriver()) args.push(...SOFTWARE_FLAGS);
  const executablePath = env.CHROME_PATH ?? installed(PLACES).find((path) => isRecent(path, /Chrom\w+ (\d+)/, OLDEST));
  if (executablePath) return { executablePath, args, env };
  const folder = await unpackChromium();
  if (!folder)
    throw new Error('No Chrome found: install Chrome or Chromium, set CHROME_PATH, or run npm ci on Linux x64');
  env.LD_LIBRARY_PATH = [env.LD_LIBRARY_PATH, join(folder, 'lib')].filter(Boolean).join(':');
  if (!existsSync('/etc/fonts/fonts.conf')) env.FONTCONFIG_PATH ??= join(folder, 'fonts');
  return { executablePath: join(folder, 'chromium'), args, env };
}

/**
 * Unpacks @sparticuz/chromium once, into node_modules: Chromium, SwiftShader, and the few libraries and fonts that a minimal system
 * lacks.
 */
async function unpackChromium(): Promise<string | undefined> {
  const archives = chromiumArchives();
  if (!archives) return undefined;
  const { version } = JSON.parse(readFileSync(join(archives, '../package.json'), 'utf8')) as { version: string };
  const folder = join(archives, '../../../.cache', `chromium-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true });
  await inPlaceWhenWhole(folder, async (stage) => {
    const archive = (name: string) => brotliDecompressSync(readFileSync(join(archives, name)));
    untar(archive('swiftshader.tar.br'), stage);
    untar(archive('al2023.tar.br'), stage);
    untar(archive('fonts.tar.br'), join(stage, 'fonts'));
    writeFileSync(
      join(stage, 'fonts', 'fonts.conf'),
      `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${folder}/fonts/fonts</dir><dir>/usr/share/fonts</dir><cachedir>${folder}/fonts/cache</cachedir></fontconfig>\n`,
    );
    await pipeline(
      createReadStream(join(archives, 'chromium.br')),
      createBrotliDecompress({ chunkSize: 1 << 21 }),
      createWriteStream(join(stage, 'chromium'), { mode: 0o755 }),
    );
  });
  return folder;
}
