import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Layers from the bottom up; a folder imports only from folders of earlier layers (ARCHITECTURE.md). */
const LAYERS: readonly (readonly string[])[] = [
  ['error_codes.ts', 'shown.ts', 'suggestion.ts', 'version.ts', 'dispose.ts'],
  ['errors.ts'],
  ['placing.ts', 'options.ts', 'arrays.ts', 'lifetime.ts', 'signals.ts'],
  ['kinds.ts'],
  ['io'],
  ['stats'],
  ['model', 'data'],
  ['data.ts'],
  ['gpu'],
  ['kernels'],
  ['engine'],
  ['train'],
  ['nn', 'forecast'],
  ['recipe'],
  ['self_test', 'sweep', 'report'],
  ['charts'],
  ['index.ts'],
  ['worker'],
  ['node'],
];

/** Words that the code of a folder must not contain. */
const FORBIDDEN: Readonly<Record<string, RegExp>> = {
  gpu: /lstm/i,
  train: /\bbind(ing|Group)s?\b/i,
  kernels: /\bfor \(/,
  engine: /\bepochs?\b/i,
  // What callers pass goes through arrays.ts to writeTensor; writeBuffer would write its bytes without a check.
  nn: /\bwriteBuffer\b/,
  forecast: /\bwriteBuffer\b/,
};

/** An exported declaration with its name. */
const EXPORTED = /^export (?:(?:abstract|async|declare) )*(?:class|function\*?|const|interface|type|enum) (\w+)/gm;

/** Written by `npm run dims`; its length follows the number of shaders. */
const WRITTEN = 'src/kernels/dims.ts';

const layerOf = new Map(LAYERS.flatMap((folders, layer) => folders.map((folder) => [folder, layer])));
const folderOf = (path: string) => normalize(path).split('/')[1]!;
const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => join('src', path));

describe('layers', () => {
  test('there are files to check', () => expect(files.length).toBeGreaterThan(20));

  test.each(files)('%s imports only from lower layers', (file) => {
    const own = layerOf.get(folderOf(file));
    expect(own, `${file} is in no layer`).toBeDefined();
    for (const [, target] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
      const path = join(dirname(file), target!);
      if (!path.startsWith('src')) continue; // shaders
      const room = folderOf(path);
      const allowed = room === folderOf(file) || layerOf.get(room)! < own!;
      expect(allowed, `${file} imports ${target}`).toBe(true);
    }
  });

  test.each(files.filter((file) => folderOf(file) in FORBIDDEN))(
    '%s contains no word that its folder must not use',
    (file) => {
      const text = readFileSync(file, 'utf8').replaceAll('lstm-webgpu', '');
      expect(text).not.toMatch(FORBIDDEN[folderOf(file)]!);
    },
  );

  test('there is no import cycle, not even for a type', () => {
    const imports = new Map(
      files.map((file) => {
        const targets = readFileSync(file, 'utf8').matchAll(/from '(\.[^']+\.ts)'/g);
        return [file, Array.from(targets, ([, target]) => join(dirname(file), target!))] as const;
      }),
    );
    const done = new Set<string>();
    const walk = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) expect.fail([...path.slice(path.indexOf(file)), file].join(' -> '));
      if (done.has(file)) return;
      for (const target of imports.get(file) ?? []) walk(target, [...path, file]);
      done.add(file);
    };
    for (const file of files) walk(file, []);
  });

  test('the root exports at most a hundred names', () => {
    const lists = readFileSync('src/index.ts', 'utf8').matchAll(/^export (?:type )?\{([^}]*)\} from/gm);
    const names = Array.from(lists, ([, list]) => list!.split(',').filter((name) => name.trim() !== '')).flat();
    expect(readFileSync('src/index.ts', 'utf8')).not.toContain('export *');
    expect(names.length).toBeGreaterThan(80);
    expect(names.length).toBeLessThanOrEqual(100);
  });

  test('no two files export the same name', () => {
    const places = new Map<string, Set<string>>(); // overloads of a name are in one file
    for (const file of files)
      for (const [, name] of readFileSync(file, 'utf8').matchAll(EXPORTED))
        places.set(name!, (places.get(name!) ?? new Set()).add(file));
    expect(places.size).toBeGreaterThan(300);
    expect([...places].filter(([, where]) => where.size > 1)).toEqual([]);
  });

  test('no file in src uses window or document', () => {
    for (const file of files.filter((path) => !path.startsWith('src/node')))
      expect(readFileSync(file, 'utf8'), file).not.toMatch(/\b(window|document)\.\w/);
  });

  test('no command bypasses the guard: a raw device is used only for calls that run nothing', () => {
    for (const file of files.filter((path) => path !== 'src/gpu/guarded_device.ts'))
      for (const [, member] of readFileSync(file, 'utf8').matchAll(/\.raw\.(\w+)/g))
        expect(['destroy', 'lost'], file).toContain(member);
  });

  // A file is one idea, however long. What is split to stay under a number is read in two places, so the cap is far above what
  // one idea takes here: a file that reaches it has taken on a second one.
  test('no file is longer than 500 lines', () => {
    for (const file of files.filter((path) => path !== WRITTEN))
      expect(readFileSync(file, 'utf8').split('\n').length, file).toBeLessThanOrEqual(500);
  });
});
