import type { Page } from '@playwright/test';

/** An event of Chrome's trace: times in µs, `tdur` what its thread computed in it. */
interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  dur?: number;
  tdur?: number;
  args: { name?: string };
}

/** Where a page's thread waits until the GPU has done what it was sent. */
const WAITS = /^CommandBufferProxyImpl::WaitFor/;
const LONG_MS = 50;

/**
 * Runs `work`, and gives the tasks of the page's main thread meanwhile that computed, or waited for the GPU, for over 50 ms. Time in which
 * other programs had the CPU does not count, so that the same page gives the same answer on a busy machine.
 */
export async function longTasks(page: Page, work: () => Promise<void>): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await session.send('Tracing.start', {
    categories: '-*,toplevel,gpu,blink.user_timing',
    transferMode: 'ReportEvents',
  });
  await page.evaluate(() => performance.mark('traced'));
  await work();
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  const own = events.find(({ name }) => name === 'traced');
  if (!own) throw new Error('longTasks: the trace has no mark of the page');
  const mine = events.filter(({ pid, tid }) => pid === own.pid && tid === own.tid);
  const tasks = mine.filter(({ name }) => name.endsWith('RunTask'));
  if (tasks.length === 0) throw new Error('longTasks: the trace has no task of the page');
  return [
    ...tasks.filter(({ tdur = 0 }) => tdur > LONG_MS * 1000).map(({ tdur }) => `computed for ${tdur! / 1000} ms`),
    ...mine
      .filter(({ name, dur = 0 }) => WAITS.test(name) && dur > LONG_MS * 1000)
      .map(({ dur }) => `waited ${dur! / 1000} ms for the GPU`),
  ];
}
