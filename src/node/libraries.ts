// Shared libraries of C in a JavaScript host, each of which has a way of its own.
import { constants } from 'node:os';

/** What Bun and Deno have for foreign functions, as far as it is used here. */
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
/** Closed when they are collected as garbage. */
const kept: ForeignLibrary[] = [];

/**
 * Loads a library under its name, for code that opens it by that name later: a search path is read only at process start.
 * Whether it worked shows then.
 * @param symbol one that it has.
 */
export async function keepLoaded(path: string, symbol: string): Promise<void> {
  try {
    if (bun) kept.push((await bunForeign()).dlopen(path, { [symbol]: { args: [], returns: 'void' } }));
    else if (deno) kept.push(deno.dlopen(path, {}));
    // Node says "did not self-register", because it is no Node addon; the library stays loaded all the same
    else process.dlopen({ exports: {} }, path, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch {
    // expected in Node; elsewhere without the permission
  }
}

const RTLD_NODELETE = 0x1000;

/** Sets a variable of the environment that C code sees, too. */
export async function setEnvironment(name: string, value: string): Promise<void> {
  process.env[name] = value;
  if (!bun) return; // it keeps what a program sets to itself
  const { dlopen, ptr } = await bunForeign();
  const { symbols } = dlopen('libc.so.6', { setenv: { args: ['ptr', 'ptr', 'i32'], returns: 'i32' } });
  const [key, text] = [name, value].map((part) => Buffer.from(`${part}\0`));
  symbols.setenv!(ptr(key!), ptr(text!), 1);
}

function bunForeign(): Promise<BunForeign> {
  const name = 'bun:ffi'; // nothing that a bundler or Node could look for
  return import(/* @vite-ignore */ name) as Promise<BunForeign>;
}
