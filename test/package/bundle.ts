import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { inject } from 'vitest';

/** What an application for the browser ships for these lines of code: bundled, minified, gzipped. */
export async function bundle(code: string): Promise<{ text: string; gzipBytes: number }> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: inject('unpacked') }, // a package finds itself by its name
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
  });
  const { text, contents } = outputFiles[0]!;
  return { text, gzipBytes: gzipSync(contents, { level: 9 }).length };
}
