// Which Firefox the tests drive, over WebDriver BiDi: FIREFOX_PATH, else an installed one.
import { hasGraphicsDriver, useSoftwareVulkan } from '../src/node/software.ts';
import { environment, installed, isRecent } from './programs.ts';

/** What Playwright launches it with. */
export interface Firefox {
  channel: 'moz-firefox';
  executablePath: string;
  env: Record<string, string>;
  firefoxUserPrefs: Record<string, boolean>;
}

/** What tests need where there is none. */
export const NEEDED_FIREFOX = 'Firefox: apt-get install firefox-esr, or set FIREFOX_PATH';

/** On Linux a release has WebGPU only if asked, and refuses adapters in software. */
const PREFS = { 'dom.webgpu.enabled': true, 'gfx.webgpu.ignore-blocklist': true };

/** The oldest that these tests have run in. */
const OLDEST = 153;

const PLACES = {
  darwin: '/Applications/Firefox.app/Contents/MacOS/firefox',
  win32: 'Mozilla Firefox/firefox.exe',
  linux: ['firefox', 'firefox-esr'],
};

/** @returns undefined when there is no Firefox. */
export async function resolveFirefox(): Promise<Firefox | undefined> {
  const recent = (path: string) => isRecent(path, /Firefox (\d+)/, OLDEST);
  const executablePath = process.env.FIREFOX_PATH ?? installed(PLACES).find(recent);
  if (!executablePath) return undefined;
  const folder = hasGraphicsDriver() ? undefined : await useSoftwareVulkan();
  const env = environment();
  if (folder !== undefined) env.LD_LIBRARY_PATH = [env.LD_LIBRARY_PATH, folder].filter(Boolean).join(':');
  return { channel: 'moz-firefox', executablePath, env, firefoxUserPrefs: PREFS };
}
