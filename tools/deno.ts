// The Deno for tests: DENO_PATH, else an installed one.
import { installed } from './programs.ts';

/** What skipped tests need. */
export const NEEDED_DENO = 'Deno: npm install --global deno, or set DENO_PATH';

const PLACES = { darwin: '/opt/homebrew/bin/deno', win32: 'deno/deno.exe', linux: ['deno'] };

/** @returns undefined if there is no Deno. */
export const resolveDeno = (): string | undefined => process.env.DENO_PATH ?? installed(PLACES)[0];
