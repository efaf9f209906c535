// WebGPU on a machine without a GPU: SwiftShader, a Vulkan implementation in software, out of the npm package
// @sparticuz/chromium (an optional peer). Dawn finds it through the Vulkan loader; nothing is installed system-wide.
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { brotliDecompressSync, createBrotliDecompress } from 'node:zlib';

const linuxX64 = process.platform === 'linux' && process.arch === 'x64';

/** Folders where a Chromium package keeps SwiftShader. */
const SYSTEM_FOLDERS = ['/usr/lib/chromium', '/opt/google/chrome', '/opt/chromium'];

/** Device files that a GPU driver makes on Linux. */
const RENDER_NODES = ['/dev/dri/renderD128', '/dev/nvidia0', '/dev/dxg'];

/** Whether there is a GPU to hope for; WEBGPU_SOFTWARE=1 asks for the software adapter all the same. */
export function hasGraphicsDriver(): boolean {
  if (process.env.WEBGPU_SOFTWARE === '1') return false;
  return process.platform !== 'linux' || RENDER_NODES.some((path) => existsSync(path));
}

/**
 * Makes the next `create()` of the npm package `webgpu` find SwiftShader. Must run in the main thread before the
 * process's first `create()`: the Vulkan loader reads its environment once.
 * @returns the folder that holds SwiftShader, or undefined where there is none (or none is needed).
 */
export async function useSoftwareVulkan(): Promise<string | undefined> {
  if (!linuxX64) return undefined;
  const given = process.env.VK_ICD_FILENAMES ?? process.env.VK_DRIVER_FILES;
  const folder = given
    ? dirname(given)
    : ((await unpackChromium()) ?? SYSTEM_FOLDERS.find((dir) => existsSync(join(dir, 'vk_swiftshader_icd.json'))));
  if (!folder) return undefined;
  if (!given) process.env.VK_ICD_FILENAMES = join(folder, 'vk_swiftshader_icd.json');
  preloadVulkanLoader(folder);
  return folder;
}

/**
 * Dawn opens `libvulkan.so.1` by name, and LD_LIBRARY_PATH is read only at process start. Loading the file under that
 * name first, and keeping it (RTLD_NODELETE), lets Dawn find it. Node says "did not self-register", because it is no
 * Node addon; the library stays loaded all the same.
 */
function preloadVulkanLoader(folder: string): void {
  const RTLD_NODELETE = 0x1000;
  const library = join(folder, 'libvulkan.so.1');
  if (!existsSync(library)) return;
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch {
    // expected, see above; whether it worked shows when Dawn is asked for an adapter
  }
}

/**
 * Unpacks @sparticuz/chromium once: Chromium, SwiftShader, the few libraries and fonts a bare machine lacks. Goes to a
 * folder of its own and is renamed when whole, so many processes may call it at once.
 * @returns the folder, or undefined when the package is not installed or the machine is not Linux x64.
 */
export async function unpackChromium(): Promise<string | undefined> {
  const source = linuxX64 ? packageFolder('@sparticuz/chromium') : undefined;
  if (!source) return undefined;
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as { version: string };
  const caches = [join(source, '..', '..', '.cache'), join(tmpdir(), 'lstm-webgpu')];
  for (const cache of caches) {
    const folder = join(cache, `chromium-${version}`);
    if (existsSync(folder)) return folder;
    try {
      await unpackInto(folder, join(source, 'bin'));
      return folder;
    } catch (error) {
      if (existsSync(folder)) return folder; // another process was first
      if (cache === caches.at(-1)) throw error; // a read-only node_modules falls back to the temporary folder
    }
  }
  return undefined;
}

async function unpackInto(folder: string, archives: string): Promise<void> {
  const stage = `${folder}.${process.pid}.${Math.random().toString(36).slice(2)}.tmp`;
  mkdirSync(stage, { recursive: true });
  try {
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
    renameSync(stage, folder);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** Plain ustar with files and folders, which is all these archives hold. */
function untar(archive: Buffer, folder: string): void {
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

/** Where a package is installed, whatever its `exports` say; seen from this file and from the user's folder. */
function packageFolder(name: string): string | undefined {
  const bases = [import.meta.url, join(process.cwd(), 'package.json')];
  return bases
    .flatMap((base) => createRequire(base).resolve.paths(name) ?? [])
    .map((base) => join(base, name))
    .find((folder) => existsSync(join(folder, 'package.json')));
}
