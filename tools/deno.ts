// Which Deno runs tests: DENO_PATH, else an installed one.
import { installed } from './programs.ts';

/** What tests need where there is none. */
export const NEEDED_DENO = 'Deno: npm install --global deno, or set DENO_PATH';

const PLACES = { darwin: '/opt/homebrew/bin/deno', win32: 'deno/deno.exe', linux: ['deno'] };

/** @returns undefined where there is no Deno. */
export const resolveDeno = (): string | undefined => process.env.DENO_PATH ?? installed(PLACES)[0];
