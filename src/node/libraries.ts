// Shared C libraries in a JavaScript host; each host has its own way.
import { constants } from 'node:os';

/** The part of Bun's and Deno's foreign functions that is used here. */
interface ForeignLibrary {
  symbols: Record<string, (...args: unknown[]) => unknown>;
}
interface BunForeign {
  dlopen(path: string, symbols: Record<string, { args: string[]; returns: string }>): ForeignLibrary;
  ptr(bytes: Uint8Array): number;
}
interface DenoForeign {
  dlopen(path: string, symbols: Record<string, never>): ForeignLibrary;
}

const { Bun: bun, Deno: deno } = globalThis as { Bun?: object; Deno?: DenoForeign };
/** Kept, because garbage collection closes them. */
const kept: ForeignLibrary[] = [];

/**
 * Loads a library, for code that opens it by name later: the search path is read only at process start. A failure shows only
 * then.
 * @param symbol any symbol of the library.
 */
export async function keepLoaded(path: string, symbol: string): Promise<void> {
  try {
    if (bun) kept.push((await bunForeign()).dlopen(path, { [symbol]: { args: [], returns: 'void' } }));
    else if (deno) kept.push(deno.dlopen(path, {}));
    // Node throws "did not self-register", because it is not a Node addon; the library stays loaded anyway
    else process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch {
    // expected in Node; elsewhere a missing permission
  }
}

const RTLD_NODELETE = 0x1000;

/** Sets an environment variable, also for C code. */
export async function setEnvironment(name: string, value: string): Promise<void> {
  process.env[name] = value;
  if (!bun) return; // Bun does not pass it on to C code
  const { dlopen, ptr } = await bunForeign();
  const { symbols } = dlopen('libc.so.6', { setenv: { args: ['ptr', 'ptr', 'i32'], returns: 'i32' } });
  const [key, text] = [name, value].map((part) => Buffer.from(`${part}\0`));
  symbols.setenv!(ptr(key!), ptr(text!), 1);
}

function bunForeign(): Promise<BunForeign> {
  const name = 'bun:ffi'; // in a variable, so that no bundler resolves it
  return import(/* @vite-ignore */ name) as Promise<BunForeign>;
}
