import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ISSUES = '.github/ISSUE_TEMPLATE';
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));

test('package.json has the fields for publishing', () => {
  expect(manifest.publishConfig).toEqual({ access: 'public', provenance: true });
  expect(manifest.files).toEqual(['dist', 'CHANGELOG.md']);
  expect(manifest.license).toBe('MIT');
  expect(manifest.description.length).toBeGreaterThan(40);
  expect(manifest.keywords).toEqual(expect.arrayContaining(['lstm', 'webgpu', 'forecasting', 'pytorch']));
  expect(new Set(manifest.keywords).size).toBe(manifest.keywords.length);
  expect(manifest.dependencies).toBeUndefined();
  expect(manifest.private).toBeUndefined();
  for (const script of ['preinstall', 'install', 'postinstall', 'prepare'])
    expect(manifest.scripts[script], script).toBeUndefined();
});

test('CHANGELOG.md starts with this version; a first release has only additions', () => {
  const [, ...sections] = readFileSync('CHANGELOG.md', 'utf8').split(/^## /m);
  expect(sections[0]).toMatch(
    new RegExp(`^\\[${manifest.version.replaceAll('.', '\\.')}\\] - (Unreleased|\\d{4}-\\d\\d-\\d\\d)\n`),
  );
  const headings = (text: string) => Array.from(text.matchAll(/^### (.*)/gm), ([, heading]) => heading);
  expect(headings(sections.at(-1)!)).toEqual(['Added']);
});

/** The yaml package of typedoc. */
const yaml: { parse(text: string): unknown } = createRequire(createRequire(import.meta.url).resolve('typedoc'))('yaml');

interface IssueForm {
  name: string;
  description: string;
  body: { type: string; id?: string; attributes: { label?: string; value?: string } }[];
}
const forms = readdirSync(ISSUES).filter((name) => name !== 'config.yml');

test.each(forms)('the issue form %s is one that GitHub accepts', (file) => {
  const { name, description, body } = yaml.parse(readFileSync(join(ISSUES, file), 'utf8')) as IssueForm;
  expect(name).toBeTruthy();
  expect(description).toBeTruthy();
  for (const { type, id, attributes } of body) {
    expect(['markdown', 'input', 'textarea', 'dropdown', 'checkboxes']).toContain(type);
    if (type === 'markdown') expect(attributes.value).toBeTruthy();
    else expect(`${id}: ${attributes.label}`).toMatch(/^[a-z-]+: \S/);
  }
  const ids = body.flatMap(({ id }) => id ?? []);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThan(0);
});

test('a bug report asks for the version, the host, a small input and the self-test', () => {
  const text = readFileSync(join(ISSUES, 'bug.yml'), 'utf8');
  const { body } = yaml.parse(text) as IssueForm;
  expect(body.map(({ id }) => id)).toEqual(expect.arrayContaining(['version', 'host', 'input', 'self-test']));
  expect(text).toContain('lstm-webgpu devices --self-test');
  expect(yaml.parse(readFileSync(join(ISSUES, 'config.yml'), 'utf8'))).toEqual({ blank_issues_enabled: false });
});

test('SECURITY.md covers every format that is parsed, and its paths exist', () => {
  const text = readFileSync('SECURITY.md', 'utf8');
  for (const format of ['CSV', 'JSON', 'Parquet', 'safetensors', 'checkpoints', 'link']) expect(text).toContain(format);
  const paths = Array.from(text.matchAll(/`((?:src|demo)\/[^`]+)`/g), ([, path]) => path!);
  expect(paths.length).toBeGreaterThan(2);
  for (const path of paths) expect(existsSync(path), path).toBe(true);
  for (const peer of Object.keys(manifest.peerDependencies)) expect(text).toContain(`\`${peer}\``);
});
