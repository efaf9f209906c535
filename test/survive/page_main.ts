import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { serve } from '../package/static_server.ts';
import { survive } from './page.ts';

/** Reloads and GPU crashes of the built page while it trains, in headless Chrome. */
export async function survivePage(reloads: number, crashes: number): Promise<void> {
  const site = mkdtempSync(join(tmpdir(), 'lstm-webgpu-site-'));
  await build({ logLevel: 'warn', build: { outDir: site } });
  const { url, server } = await serve(site);
  const startMs = performance.now();
  const { faults, ...counts } = await survive({ url, reloads, crashes, withinMs: 4000, log: console.log });
  server.close();
  rmSync(site, { recursive: true });
  const seconds = Math.round((performance.now() - startMs) / 1000);
  console.log(JSON.stringify({ ...counts, seconds }));
  for (const fault of faults) console.log(fault);
  if (faults.length > 0) process.exitCode = 1;
}
