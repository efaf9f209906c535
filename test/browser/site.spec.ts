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

/** Gzipped sizes of what a visitor downloads to use all of the page in one language, without the data, largest first. */
function sizes(language: 'english' | 'portuguese'): [file: string, bytes: number][] {
  const other = language === 'english' ? 'portuguese' : 'english';
  const files = ['index.html', ...readdirSync(join(SITE, 'assets')).map((name) => join('assets', name))];
  return files
    .filter((file) => TYPES[extname(file)] && !file.includes(other))
    .map((file): [string, number] => [file, gzipSync(readFileSync(join(SITE, file))).byteLength])
    .sort((a, b) => b[1] - a[1]);
}

for (const language of ['english', 'portuguese'] as const)
  test(`takes less than 227 KB gzipped in ${language}, without the data`, () => {
    const all = sizes(language);
    const bytes = all.reduce((sum, [, size]) => sum + size, 0);
    console.log([...all, ['in all', bytes] as const].map(([file, size]) => `${size} ${file}`).join('\n'));
    for (const part of ['index.html', 'css', 'index', 'shared', 'worker', 'language', language])
      expect(
        all.some(([file]) => file.includes(part)),
        part,
      ).toBe(true);
    expect(bytes).toBeLessThan(227_000);
  });

for (const [lang, own, other] of [
  ['en', 'english', 'portuguese'],
  ['pt', 'portuguese', 'english'],
] as const)
  test(`loads the texts of one language: ${lang}`, async ({ page }) => {
    const loaded: string[] = [];
    page.on('request', (request) => loaded.push(request.url()));
    await page.goto(`./?lang=${lang}`);
    await expect(page.locator('html')).toHaveAttribute('lang', lang === 'en' ? 'en' : 'pt-BR');
    await expect(page.locator('#other-language')).toHaveText(lang === 'en' ? 'Português' : 'English');
    expect(loaded.filter((url) => url.includes(`/${own}-`))).toHaveLength(1);
    expect(loaded.filter((url) => url.includes(`/${other}-`))).toEqual([]);
  });

test('allows no script but its own files', () => {
  const html = readFileSync(join(SITE, 'index.html'), 'utf8');
  const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(html)![1]!;
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe-inline|unsafe-eval|https?:/);
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>|\son\w+=|\sstyle=/);
});
