// WebGPU on a machine without a GPU: SwiftShader, a Vulkan implementation in software, from the npm package @sparticuz/chromium
// (an optional peer). Dawn and wgpu find it through the Vulkan loader; nothing is installed system-wide.
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { isOwn, unpackedOnce } from './cache.ts';
import { keepLoaded, setEnvironment } from './libraries.ts';

const linuxX64 = process.platform === 'linux' && process.arch === 'x64';

/** Folders where Chromium packages put SwiftShader. */
const SYSTEM_FOLDERS = ['/usr/lib/chromium', '/opt/google/chrome', '/opt/chromium'];

/** Device files of GPU drivers on Linux. */
const RENDER_NODES = ['/dev/dri/renderD128', '/dev/nvidia0', '/dev/dxg'];

/** Whether there may be a GPU; WEBGPU_SOFTWARE=1 forces the software adapter. */
export function hasGraphicsDriver(): boolean {
  if (process.env.WEBGPU_SOFTWARE === '1') return false;
  return process.platform !== 'linux' || RENDER_NODES.some((path) => existsSync(path));
}

/**
 * Makes the next `create()` of the npm package `webgpu`, or Deno's first request for an adapter, find SwiftShader. Must run on
 * the main thread before the first of these calls: the Vulkan loader reads its environment once.
 * @returns the folder of SwiftShader, or undefined if there is none (or none is needed).
 */
export async function useSoftwareVulkan(): Promise<string | undefined> {
  if (!linuxX64) return undefined;
  const given = process.env.VK_ICD_FILENAMES ?? process.env.VK_DRIVER_FILES;
  const folder = given ? dirname(given) : ((await unpackSwiftShader()) ?? SYSTEM_FOLDERS.find(hasSwiftShader));
  if (!folder) return undefined;
  if (!given) await setEnvironment('VK_ICD_FILENAMES', join(folder, 'vk_swiftshader_icd.json'));
  const loader = join(folder, 'libvulkan.so.1'); // Dawn and wgpu open it by its name
  if (existsSync(loader)) await keepLoaded(loader, 'vkGetInstanceProcAddr');
  return folder;
}

/** Whether a system folder has SwiftShader, and only its owner can have written it. */
function hasSwiftShader(folder: string): boolean {
  const [list, loader] = ['vk_swiftshader_icd.json', 'libvulkan.so.1'].map((name) => join(folder, name));
  return (
    existsSync(list!) &&
    [folder, list!, ...(existsSync(loader!) ? [loader!] : [])].every((path) => isOwn(lstatSync(path)))
  );
}

/** The folder with the archives of @sparticuz/chromium, if it is installed next to this library. */
export function chromiumArchives(): string | undefined {
  const source = linuxX64 ? packageFolder('@sparticuz/chromium') : undefined;
  return source && join(source, 'bin');
}

/** @returns the folder of SwiftShader, or undefined if the package is not installed or the machine is not Linux x64. */
async function unpackSwiftShader(): Promise<string | undefined> {
  const archives = chromiumArchives();
  if (!archives) return undefined;
  const archive = readFileSync(join(archives, 'swiftshader.tar.br'));
  const hash = createHash('sha256').update(archive).digest('hex').slice(0, 16);
  return unpackedOnce(`swiftshader-${hash}`, (folder) => untar(brotliDecompressSync(archive), folder));
}

/** Plain ustar with files and folders, which is all that these archives use. */
export function untar(archive: Buffer, folder: string): void {
  const text = (at: number, length: number) =>
    archive
      .toString('latin1', at, at + length)
      .split('\0')[0]!
      .trim();
  for (let at = 0; at + 512 <= archive.length && archive[at]; ) {
    const sizeBytes = Number.parseInt(text(at + 124, 12) || '0', 8);
    const path = join(folder, text(at, 100));
    if (text(at + 156, 1) === '5') {
      mkdirSync(path, { recursive: true });
    } else {
      mkdirSync(dirname(path), { recursive: true });
      const mode = Number.parseInt(text(at + 100, 8), 8);
      writeFileSync(path, archive.subarray(at + 512, at + 512 + sizeBytes), { mode });
    }
    at += 512 + Math.ceil(sizeBytes / 512) * 512;
  }
}

/**
 * Where a package is installed next to this library, regardless of its `exports`. The working directory is not searched: its files
 * are not trusted.
 */
function packageFolder(name: string): string | undefined {
  const bases = createRequire(import.meta.url).resolve.paths(name) ?? [];
  return bases.map((base) => join(base, name)).find((folder) => existsSync(join(folder, 'package.json')));
}
