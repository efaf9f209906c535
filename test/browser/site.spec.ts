import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@playwright/test';

/** The static folder that `npm run demo:build` writes, and that the other tests open as well. */
const SITE = 'site';
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

test('works from a sub-path of a plain file server', async ({ page }) => {
  const server = createServer((request, response) => {
    const path = new URL(request.url!, 'http://localhost').pathname.replace(/\/$/, '/index.html');
    const file = join(SITE, path.replace('/some/where/', '/'));
    if (!path.startsWith('/some/where/') || !existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' });
    return createReadStream(file).pipe(response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  try {
    const failed: string[] = [];
    page.on('response', (response) => {
      if (!response.ok()) failed.push(response.url());
    });
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/some/where/#epochs=1`);
    await page.locator('#train:enabled').click({ timeout: 30_000 });
    await expect(page.getByTestId('status')).toContainText('(792 steps)', { timeout: 30_000 });
    expect(failed).toEqual([]);
  } finally {
    server.close();
  }
});

test('takes less than 235 KB gzipped, without the data', () => {
  const assets = readdirSync(join(SITE, 'assets')).map((name) => join(SITE, 'assets', name));
  const code = [join(SITE, 'index.html'), ...assets].filter((name) => TYPES[extname(name)]);
  expect(code.length).toBeGreaterThanOrEqual(4);
  const bytes = code.reduce((sum, name) => sum + gzipSync(readFileSync(name)).byteLength, 0);
  expect(bytes).toBeLessThan(235_000);
});

test('allows no script but its own files', () => {
  const html = readFileSync(join(SITE, 'index.html'), 'utf8');
  const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(html)![1]!;
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe-inline|unsafe-eval|https?:/);
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>|\son\w+=|\sstyle=/);
});
