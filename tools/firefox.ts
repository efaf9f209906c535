// The Firefox for tests, driven over WebDriver BiDi: FIREFOX_PATH, else an installed one.
import { hasGraphicsDriver, useSoftwareVulkan } from '../src/node/software.ts';
import { environment, installed, isRecent } from './programs.ts';

/** Playwright's options to launch it. */
export interface Firefox {
  channel: 'moz-firefox';
  executablePath: string;
  env: Record<string, string>;
  firefoxUserPrefs: Record<string, boolean>;
}

/** What skipped tests need. */
export const NEEDED_FIREFOX = 'Firefox: apt-get install firefox-esr, or set FIREFOX_PATH';

/** On Linux, releases have WebGPU disabled and block software adapters. */
const PREFS = { 'dom.webgpu.enabled': true, 'gfx.webgpu.ignore-blocklist': true };

/** The oldest version these tests have run in. */
const OLDEST = 153;

const PLACES = {
  darwin: '/Applications/Firefox.app/Contents/MacOS/firefox',
  win32: 'Mozilla Firefox/firefox.exe',
  linux: ['firefox', 'firefox-esr'],
};

/** @returns undefined if there is no Firefox. */
export async function resolveFirefox(): Promise<Firefox | undefined> {
  const recent = (path: string) => isRecent(path, /Firefox (\d+)/, OLDEST);
  const executablePath = process.env.FIREFOX_PATH ?? installed(PLACES).find(recent);
  if (!executablePath) return undefined;
  const folder = hasGraphicsDriver() ? undefined : await useSoftwareVulkan();
  const env = environment();
  if (folder !== undefined) env.LD_LIBRARY_PATH = [env.LD_LIBRARY_PATH, folder].filter(Boolean).join(':');
  return { channel: 'moz-firefox', executablePath, env, firefoxUserPrefs: PREFS };
}
