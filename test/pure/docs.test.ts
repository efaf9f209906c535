import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import * as errors from '../../src/errors.ts';

const files = [
  'README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

test('README.md is short and links every guide', () => {
  const text = readFileSync('README.md', 'utf8');
  expect(text.split('\n').length).toBeLessThan(150);
  for (const path of files.slice(1)) expect(text).toContain(`](${path})`);
});

test.each(files)('%s: its links within the project resolve', (path) => {
  for (const [, link] of readFileSync(path, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g))
    expect(existsSync(join(dirname(path), link!)), link).toBe(true);
});

test('docs/errors.md has every class of error', () => {
  const text = readFileSync('docs/errors.md', 'utf8');
  const classes = Object.values(errors).filter((value) => typeof value === 'function');
  expect(classes.length).toBeGreaterThan(9);
  for (const { name } of classes) expect(text).toContain(`| \`${name}\` |`);
});
