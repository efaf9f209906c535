import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Words that no text of the project has, each with its reason. Short on purpose: what a reviewer should not have to look for. */
const FORBIDDEN: readonly [word: RegExp, reason: string][] = [
  [/\b(lest|whence|whither|wherein|thereof|whosoever|whoever|whomever|nobody|somebody|anew)\b/i, 'archaic or literary'],
  [/\b(tells?|told|says|knows)\b/i, 'software has no voice and no mind: gives, reports, specifies, has'],
  [/\b(to the (same )?bits?|the same bits)\b/i, 'bit-identical, or bit for bit'],
  [/\b(holds?|held) against\b/i, 'compared with, checked against'],
  [
    /\b(so many|as it was then|such as are|becomes of|taken? away)\b/i,
    'translated: name the number, the time, the thing',
  ],
  [/\bmend(s|ed|ing)?\b/i, 'fix'],
  [
    /\bbehind (its|the|their|an?) (own )?(last|end|row|series)\b/i,
    'after: what is behind a row in English is hidden by it',
  ],
  [
    /\b(colour|behaviour|neighbour|favour|honour)|\b((learnt|labelled)\b|normalis|optimis(?!tic)|initialis)/i,
    'American spelling',
  ],
];

const TEXT = /\.(ts|js|mjs|css|html|wgsl|md|py|R|yml|json)$|\/run$/;

/** The project's texts: every folder of its own, and the files at the top. */
const PLACES: readonly string[] = [
  ...['src', 'shaders', 'demo', 'test', 'bench', 'docs', 'examples', 'tools', '.github', '.ci'],
  ...readdirSync('.').filter((name) => TEXT.test(name)),
];

/** Data, what other programs write, and what is another language. */
const NOT_OURS =
  /(^|\/)golden\/[^/]*\.json$|(^|\/)(fixtures|docs\/api|node_modules|peers|series|package-lock\.json)(\/|$)|_pt\.ts$|\/pt\.ts$|words\.test\.ts$/;

const filesIn = (path: string): string[] =>
  NOT_OURS.test(path)
    ? []
    : statSync(path).isDirectory()
      ? readdirSync(path).flatMap((name) => filesIn(join(path, name)))
      : TEXT.test(path)
        ? [path]
        : [];

test.each(PLACES)('%s has no forbidden word', (path) => {
  const found = filesIn(path).flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, i) =>
        FORBIDDEN.flatMap(([word, reason]) => {
          const match = word.exec(line);
          return match ? [`${file}:${i + 1}: "${match[0]}" (${reason})`] : [];
        }),
      ),
  );
  expect(found).toEqual([]);
});

test('the list finds what it forbids', () => {
  for (const text of [
    'nobody asked',
    'The page says so',
    'is told apart',
    'to the same bits',
    'held against',
    'mended',
    'behind the last row',
  ])
    expect(
      FORBIDDEN.some(([word]) => word.test(text)),
      text,
    ).toBe(true);
});
