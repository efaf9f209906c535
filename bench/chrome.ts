import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright';
import type { ViteDevServer } from 'vite';
import { MinMaxScaler } from '../src/data.ts';
import { resolveChrome } from '../tools/chrome.ts';
import type { Contender } from './contender.ts';
import type { Sizes } from './grid.ts';
import { HIDDEN_SIZE, tutorialSeries, WINDOW_LENGTH } from './job.ts';
import { servePage } from './page_server.ts';

/** Steps timed of each: enough for a stable mean, few enough to be quick. */
const TENSORFLOW_STEPS = { webgpu: 3, wasm: 150, cpu: 100 };
const BRAIN_STEPS = 150;

/** Headless Chrome with the benchmark's page open, and the contenders that run in it. */
export class ChromeBench {
  readonly #server: ViteDevServer;
  readonly #browser: Browser;
  readonly #page: Page;
  readonly deviceName: string;

  private constructor(server: ViteDevServer, browser: Browser, page: Page, deviceName: string) {
    this.#server = server;
    this.#browser = browser;
    this.#page = page;
    this.deviceName = deviceName;
  }

  static async open(): Promise<ChromeBench> {
    installPeers();
    const { url, server } = await servePage('bench/page/index.html');
    const browser = await chromium.launch(await resolveChrome());
    const page = await browser.newPage();
    page.on('pageerror', (error) => console.error(`in Chrome: ${error.message}`));
    await page.goto(url);
    await page.waitForFunction('globalThis.ours && globalThis.tensorflow && globalThis.brainJs', null, {
      timeout: 120_000,
    });
    const deviceName = await page.evaluate<string>('globalThis.deviceName');
    return new ChromeBench(server, browser, page, deviceName);
  }

  ours(plan: string, batchSize: number): Contender {
    return this.#contender(`ours, ${plan}, Chrome`, this.deviceName, 'ours', [
      plan,
      batchSize,
      [...tutorialSeries().slice(plan === 'timestep' ? -300 : -1000)],
    ]);
  }

  ourFirstLoss(plan: string): Contender {
    return this.#contender(`ours, ${plan}, Chrome`, this.deviceName, 'oursFirstLoss', [plan, [...tutorialSeries()]]);
  }

  peers(batchSize: number): Contender[] {
    const series = [...new MinMaxScaler().fit(tutorialSeries()).transform(tutorialSeries())];
    const job = { series, batchSize, windowLength: WINDOW_LENGTH, inputSize: 1, hiddenSize: HIDDEN_SIZE, numLayers: 1 };
    const backends = Object.entries(TENSORFLOW_STEPS).map(([backend, steps]) =>
      this.#contender(`TensorFlow.js ${backend}`, backend === 'webgpu' ? this.deviceName : 'cpu', 'tensorflow', [
        backend,
        { ...job, steps: batchSize === 1 ? steps : Math.min(steps, 20) },
      ]),
    );
    if (batchSize > 1) return backends; // brain.js has no batches
    const brain = this.#contender('brain.js LSTMTimeStep', 'cpu', 'brainJs', [{ ...job, steps: BRAIN_STEPS }]);
    return [...backends, brain];
  }

  /** TensorFlow.js at other sizes; its WebGPU backend takes seconds for large ones, so only a step or two is timed. */
  tensorflowAt({ N, T, I, H, L }: Sizes, steps: number): Contender[] {
    const job = { series: [], batchSize: N, windowLength: T, inputSize: I, hiddenSize: H, numLayers: L };
    const backends = { wasm: steps, webgpu: 1 };
    return Object.entries(backends).map(([backend, count]) =>
      this.#contender(`TensorFlow.js ${backend}`, backend === 'webgpu' ? this.deviceName : 'cpu', 'tensorflow', [
        backend,
        { ...job, steps: count },
      ]),
    );
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.close();
  }

  #contender(name: string, device: string, call: string, args: unknown[]): Contender {
    const sample = () =>
      this.#page.evaluate<number, [string, unknown[]]>(
        ([fn, given]) => (globalThis as unknown as Record<string, (...a: unknown[]) => Promise<number>>)[fn]!(...given),
        [call, args],
      );
    return { name, device, prepare: async () => void (call === 'ours' && (await sample())), sample };
  }
}

/** The peers have their own package.json, so that neither users nor tests install them. */
function installPeers(): void {
  if (existsSync('bench/peers/node_modules')) return;
  console.error('Installing the peers (TensorFlow.js, brain.js) into bench/peers ...');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: 'bench/peers',
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('bench/peers: npm ci failed; see above');
}
