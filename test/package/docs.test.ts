import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { transform } from 'esbuild';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { writeSafetensors } from '../../src/io/safetensors.ts';
import { modelConfig } from '../../src/model/config.ts';
import { initialWeights } from '../../src/model/init.ts';
import { TOPICS } from '../../src/node/topics.ts';

// README.md, docs/ and the topics of the help: the code of each file is one program; its commands run in order, in a folder with
// the files they name.
const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-docs-'));
const files = [
  'README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The code blocks of a language in a file. */
const blocksOf = (path: string, language: string): string[] =>
  Array.from(
    readFileSync(path, 'utf8').matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms')),
    ([, code]) => code!,
  );

const programs = files.flatMap((path) => {
  const code = blocksOf(path, 'ts').join('\n');
  return code === '' ? [] : [{ path, name: basename(path, '.md').toLowerCase(), code }];
});

/** Flags that keep a run short, unless the text sets them. */
const SHORT: Readonly<Record<string, string[]>> = {
  forecast: ['--steps', '5', '--folds', '1', '--hidden', '4'],
  train: ['--hidden', '4'],
  backtest: ['--hidden', '4'],
};
const commands = [
  ...files.flatMap((path) =>
    blocksOf(path, 'sh')
      .flatMap((block) => block.split('\n'))
      .filter((line) => /^(npx )?lstm-webgpu /.test(line))
      .map((line) => ({ path, line: line.replace(/^npx /, '').replace(/\s+#.*$/, '') })),
  ),
  ...Object.entries(TOPICS).flatMap(([topic, { examples }]) =>
    examples.map((example) => ({ path: `help ${topic}`, line: `lstm-webgpu ${example}` })),
  ),
];

const day = (k: number) => new Date(Date.UTC(2024, 0, 1 + k)).toISOString().slice(0, 10);
const sales = (k: number) => (200 + k / 2 + 30 * Math.sin((2 * Math.PI * k) / 7) + ((k * 37) % 11)).toFixed(1);
const csv = (header: string, rows: number, line: (k: number) => string) =>
  `${header}\n${Array.from({ length: rows }, (_, k) => line(k)).join('\n')}\n`;

beforeAll(() => {
  mkdirSync(join(folder, 'node_modules/@sparticuz'), { recursive: true });
  // a copy of the package, so that its optional peers are resolved where npm installs them
  execFileSync('cp', ['-r', inject('unpacked'), join(folder, 'node_modules/lstm-webgpu')]);
  for (const name of ['webgpu', '@sparticuz/chromium'])
    symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name));
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
  write('package.json', '{ "private": true, "type": "module" }');
  write(
    'sales.csv',
    csv('date,sales', 63, (k) => `${day(k)},${sales(k)}`),
  );
  write(
    'newer.csv',
    csv('date,sales', 70, (k) => `${day(k)},${sales(k)}`),
  );
  write(
    'store.csv',
    csv(
      'date,sales,price,promo',
      207,
      (k) => `${day(k)},${k < 200 ? `${sales(k)},${10 + (k % 3)}` : ','},${Number(k % 7 === 2)}`,
    ),
  );
  write(
    'shops.csv',
    csv('date,shop,sales', 180, (k) => `${day(k >> 1)},${k % 2 ? 'south' : 'north'},${sales(k)}`),
  );
  const config = modelConfig({ inputSize: 3, hiddenSize: 8, numLayers: 2, head: 'none' });
  write('lstm.safetensors', writeSafetensors(initialWeights(config, 1)));
  for (const { name, code } of programs) write(`${name}.ts`, code);
  const options = {
    strict: true,
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023', 'dom', 'esnext.disposable'],
    noEmit: true,
    types: ['node'],
  };
  write(
    'tsconfig.json',
    JSON.stringify({ compilerOptions: { ...options, typeRoots: [resolve('node_modules/@types')] }, include: ['*.ts'] }),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs Node.js. @returns its output. */
function run(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  expect(status, `${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

describe('README.md, docs/ and the help', () => {
  test('have code that type-checks', () => {
    run([resolve('node_modules/typescript/bin/tsc'), '-p', '.']);
  });

  test.each(programs)('$path: its code runs', async ({ name, code }) => {
    const { code: plain } = await transform(code, { loader: 'ts', format: 'esm', target: 'node20' });
    // a page reads its files with fetch, so this program needs one that reads local files
    const fetched =
      "import { readFile } from 'node:fs/promises';\nglobalThis.fetch = async (path) => new Response(await readFile(path));\n";
    writeFileSync(join(folder, `${name}.js`), `${fetched}const { exit } = process;\n${plain}\nexit(0);\n`);
    expect(run([`${name}.js`])).not.toBe('');
  });

  test.each(commands)('$path: $line', ({ line }) => {
    const [, name, ...args] = line.split(/\s+/);
    const given = (flag: string) => args.includes(flag) || args.includes('--model') || args.includes('--from');
    const short =
      (SHORT[name!] ?? [])
        .join(' ')
        .match(/--\S+ \S+/g)
        ?.filter((pair) => !given(pair.split(' ')[0]!)) ?? [];
    run(['node_modules/lstm-webgpu/dist/node/cli.js', name!, ...args, ...short.flatMap((pair) => pair.split(' '))]);
  });
});
