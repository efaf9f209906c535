import { chromium, type Page } from 'playwright';
import { resolveChrome } from '../../tools/chrome.ts';
import { type PageStore, readPageStore } from './page_store.ts';

/** Counts that must stay 0, and the number of rounds. */
export interface PageSurvival {
  reloads: number;
  crashes: number;
  /** A kept training is not offered, or from an earlier epoch. */
  lost: number;
  halfWritten: number;
  /** Trainings in the store that are never offered, and stray files. */
  orphans: number;
  /** Trainings that did not continue after a crash. */
  stuck: number;
  /** The findings, in words. */
  faults: string[];
}

export interface PageRounds {
  /** URL of the built page. */
  url: string;
  reloads: number;
  crashes: number;
  /** Longest time from the click that starts training to the reload or crash. */
  withinMs: number;
  log?: (line: string) => void;
}

/** Otherwise Chrome blocks the GPU after a few crashes. */
const MANY_CRASHES = ['--disable-gpu-process-crash-limit', '--disable-domain-blocking-for-3d-apis'];
/** Trainings left by other tabs, and the tab's own. */
const MAX_KEPT = 4;

/** A page that is reloaded or loses its GPU at random moments of training; after each the store is checked. */
export async function survive({ url, reloads, crashes, withinMs, log }: PageRounds): Promise<PageSurvival> {
  const counts: PageSurvival = { reloads: 0, crashes: 0, lost: 0, halfWritten: 0, orphans: 0, stuck: 0, faults: [] };
  const found = (what: 'lost' | 'halfWritten' | 'orphans' | 'stuck', words: string) => {
    counts[what]++;
    counts.faults.push(words);
    log?.(`FAULT ${words}`);
  };
  const look = async (page: Page): Promise<PageStore> => {
    const store = await readPageStore(page);
    for (const words of store.broken) found('halfWritten', words);
    for (const words of store.strays) found('orphans', words);
    if (store.keys.length > MAX_KEPT) found('orphans', `${store.keys.length} trainings: ${store.keys.join(', ')}`);
    return store;
  };
  const { args, ...chrome } = await resolveChrome();
  const browser = await chromium.launch({ ...chrome, args: [...args, ...MANY_CRASHES] });
  const session = await browser.newBrowserCDPSession();
  try {
    const page = await browser.newPage();
    await page.goto(url + LINK);
    await isReady(page);
    let epoch: number | undefined;
    for (let round = 0; round < reloads + crashes; round++) {
      const name = round < reloads ? `reload ${round + 1}` : `crash ${round - reloads + 1}`;
      const least = (await trainOrGoOn(page)) ? epoch : 2; // a new one is kept after its first epoch
      const ms = Math.random() * withinMs;
      await page.waitForTimeout(ms);
      const { keys } = await readPageStore(page);
      if (round >= reloads) {
        // the reply is lost in the crash
        await session.send('Browser.crashGpuProcess' as 'Browser.getVersion').catch(() => undefined);
        const fault = await faultOfGoingOn(page);
        if (fault !== undefined) found('stuck', `${name}: ${fault}`);
      }
      await page.reload();
      await isReady(page);
      const isEmpty = (await look(page)).keys.length === 0;
      epoch = isEmpty ? undefined : await offeredEpoch(page);
      if (keys.length > 0 && !(epoch! >= least!)) found('lost', `${name}: offers epoch ${epoch}, expected ${least}`);
      counts[round < reloads ? 'reloads' : 'crashes']++;
      log?.(`${name}, after ${Math.round(ms)} ms: epoch ${epoch ?? 'none'} is offered`);
    }
    const { keys } = await look(page);
    const offers = await forgetAll(page);
    if (offers !== keys.length) found('orphans', `${keys.length} trainings are kept, and ${offers} were offered`);
    for (const key of (await look(page)).keys) found('orphans', `${key} is left after all were forgotten`);
    return counts;
  } finally {
    await browser.close();
  }
}

/** The same run every time, so that every kept training belongs to the link. */
const LINK = '#epochs=5000&batchSize=64';

const isReady = (page: Page): Promise<void> => page.locator('#train:enabled').waitFor({ timeout: 60_000 });

/** Resumes the offered training half of the time, so that both cases are tested. @returns whether it did. */
async function trainOrGoOn(page: Page): Promise<boolean> {
  const go = page.locator('.kept-go:enabled');
  const goesOn = Math.random() < 0.5 && (await go.count()) > 0;
  await (goesOn ? go : page.locator('#train')).click();
  return goesOn;
}

/** The epoch from which the offered training resumes; undefined if nothing is offered. */
async function offeredEpoch(page: Page): Promise<number | undefined> {
  const line = page.locator('#kept p');
  await line.waitFor({ timeout: 3000 }).catch(() => undefined);
  const text = (await line.count()) > 0 ? await line.textContent() : null;
  return text === null ? undefined : Number(/\d+(?=\?$)/.exec(text)?.[0]);
}

/** Undefined if training runs two more epochs. */
async function faultOfGoingOn(page: Page): Promise<string | undefined> {
  const rows = page.locator('#epoch-rows tr');
  await page.waitForTimeout(300); // results from before the loss may still arrive
  const next = rows.nth((await rows.count()) + 1);
  const goesOn = await next.waitFor({ state: 'attached', timeout: 60_000 }).then(
    () => true,
    () => false,
  );
  const [status, alert] = await Promise.all(['#status', '#alert'].map((id) => page.locator(id).textContent()));
  return goesOn && alert === '' ? undefined : `${status} ${alert}`;
}

/** Discards one offer after another. @returns their number. */
async function forgetAll(page: Page): Promise<number> {
  let [offers, kept] = [0, (await readPageStore(page)).keys.length];
  while (kept > 0 && (await offeredEpoch(page)) !== undefined) {
    await page.locator('#kept button').last().click();
    offers++;
    const before = kept;
    for (let k = 0; k < 100 && kept === before; k++) {
      await page.waitForTimeout(50);
      kept = (await readPageStore(page)).keys.length;
    }
  }
  return offers;
}
