// Which Chrome the tests and the bench drive: CHROME_PATH, else an installed Chrome or Chromium, else the one from npm.
import { execFileSync } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { brotliDecompressSync, createBrotliDecompress } from 'node:zlib';
import { inPlaceWhenWhole } from '../src/node/cache.ts';
import { chromiumArchives, hasGraphicsDriver, untar } from '../src/node/software.ts';

export interface Chrome {
  executablePath: string;
  args: string[];
  env: Record<string, string>;
}

/** SwiftShader for compute, canvas and compositor: with fewer of these flags the first WebGPU canvas loses the device. */
const SOFTWARE_FLAGS = [
  '--use-webgpu-adapter=swiftshader',
  '--use-angle=swiftshader',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
];

/** @throws Error that says what to install when there is no Chrome. */
export async function resolveChrome(): Promise<Chrome> {
  const env = Object.fromEntries(Object.entries(process.env).filter((entry) => entry[1] !== undefined)) as Record<
    string,
    string
  >;
  const args = ['--enable-unsafe-webgpu'];
  if (process.platform === 'linux') args.push('--no-sandbox');
  if (process.platform === 'linux' && !hasGraphicsDriver()) args.push(...SOFTWARE_FLAGS);
  const installed = env.CHROME_PATH ?? installedChromes().find(isRecent);
  if (installed) return { executablePath: installed, args, env };
  const folder = await unpackChromium();
  if (!folder)
    throw new Error('No Chrome found: install Chrome or Chromium, set CHROME_PATH, or run npm ci on Linux x64');
  env.LD_LIBRARY_PATH = [env.LD_LIBRARY_PATH, join(folder, 'lib')].filter(Boolean).join(':');
  if (!existsSync('/etc/fonts/fonts.conf')) env.FONTCONFIG_PATH ??= join(folder, 'fonts');
  return { executablePath: join(folder, 'chromium'), args, env };
}

/**
 * Unpacks @sparticuz/chromium once, into node_modules: Chromium, SwiftShader, and the few libraries and fonts that a bare machine
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

function installedChromes(): string[] {
  if (process.platform === 'darwin')
    return ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'].filter((path) => existsSync(path));
  if (process.platform === 'win32')
    return [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
      .filter((folder) => folder !== undefined)
      .map((folder) => join(folder, 'Google/Chrome/Application/chrome.exe'))
      .filter((path) => existsSync(path));
  return (process.env.PATH ?? '')
    .split(':')
    .flatMap((folder) => ['google-chrome', 'chromium', 'chromium-browser'].map((name) => join(folder, name)))
    .filter((path) => existsSync(path));
}

/** Ubuntu's chromium-browser may be a stub that only asks for a snap, and WebGPU in workers needs a recent Chrome. */
function isRecent(path: string): boolean {
  if (process.platform === 'win32') return true;
  try {
    const version = execFileSync(path, ['--version'], { encoding: 'utf8', timeout: 20_000, stdio: 'pipe' });
    return Number(/(?:Chrom\w+) (\d+)/.exec(version)?.[1]) >= 120;
  } catch {
    return false;
  }
}
