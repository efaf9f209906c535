import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where installers put a program. */
interface Places {
  /** Full path on macOS. */
  darwin: string;
  /** Path on Windows, in any of the program folders. */
  win32: string;
  /** Names in the folders of PATH. */
  linux: readonly string[];
}

/** A copy of this process's environment, to be changed for another process. */
export const environment = (): Record<string, string> =>
  Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));

/** The paths of a program on this machine. */
export function installed({ darwin, win32, linux }: Places): string[] {
  if (process.platform === 'darwin') return [darwin].filter((path) => existsSync(path));
  if (process.platform === 'win32')
    return [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
      .filter((folder) => folder !== undefined)
      .map((folder) => join(folder, win32))
      .filter((path) => existsSync(path));
  return (process.env.PATH ?? '')
    .split(':')
    .flatMap((folder) => linux.map((name) => join(folder, name)))
    .filter((path) => existsSync(path));
}

/** Whether it reports at least this version. Ubuntu's browsers may be stubs that only ask to install a snap. */
export function isRecent(path: string, version: RegExp, oldest: number): boolean {
  if (process.platform === 'win32') return true;
  try {
    const printed = execFileSync(path, ['--version'], { encoding: 'utf8', timeout: 20_000, stdio: 'pipe' });
    return Number(version.exec(printed)?.[1]) >= oldest;
  } catch {
    return false;
  }
}
