import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/node/commands.ts';
import { readArguments } from '../../src/node/flags.ts';
import { helpOn } from '../../src/node/help.ts';
import { TOPICS } from '../../src/node/topics.ts';
import { GROUPS } from '../../src/train/settings.ts';
import { lstmWebgpu } from './command.ts';

const commands = Object.entries(COMMANDS);
const flagsIn = (text: string): string[] =>
  Array.from(text.matchAll(/(?<![\w-])--([a-z][\w-]*)/g), ([, name]) => name!);

/** Checks the words of a command, after `lstm-webgpu`. @throws ConfigError for a flag that there is not. */
function check(line: string): void {
  const [name, ...args] = line.match(/'[^']*'|\S+/g)!;
  const { flags, usage } = COMMANDS[name!]!;
  const positionals = Array.from(usage.matchAll(/<(.+?)>/g), ([, file]) => file!);
  const words = args.slice(0, args.includes('<') ? args.indexOf('<') : args.length); // `< file` is for the shell
  readArguments(
    flags,
    positionals,
    words.map((word) => word.replace('$JOB_COMPLETION_INDEX', '0')),
  );
}

describe('lstm-webgpu help', () => {
  test('lists every command and every topic', async () => {
    const { code, stdout, stderr } = await lstmWebgpu(['help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const [name, { summary }] of [...commands, ...Object.entries(TOPICS)])
      expect(stdout).toMatch(new RegExp(`^  ${name} +${summary.replace(/[()+]/g, '\\$&')}$`, 'm'));
    expect(await lstmWebgpu(['--help'])).toEqual({ code, stdout, stderr });
  });

  test('COMMAND prints the same as COMMAND --help', async () => {
    const help = await lstmWebgpu(['help', 'predict']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('Usage: lstm-webgpu predict <model.safetensors> <file.csv>');
    expect(await lstmWebgpu(['predict', '--help'])).toEqual(help);
  });

  test('TOPIC prints a text and examples', async () => {
    const { code, stdout, stderr } = await lstmWebgpu(['help', 'gaps']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(helpOn('gaps'));
    expect(stdout).toContain('\nExamples:\n  lstm-webgpu forecast ');
  });

  test('of an unknown topic exits with 2 and suggests a near one', async () => {
    const run = await lstmWebgpu(['help', 'colums']);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toContain('no command or topic is called "colums". Did you mean columns?');
    expect(run.stderr).toContain('Run lstm-webgpu help for the list');
  });
});

describe.each(Object.entries(TOPICS))('the topic %s', (name, { text, examples }) => {
  test('is not the name of a command', () => expect(Object.keys(COMMANDS)).not.toContain(name));

  test('fits a terminal', () => {
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });

  test('mentions flags that exist', () => {
    const known = new Set(commands.flatMap(([, { flags }]) => Object.keys(flags)));
    expect(flagsIn(text).filter((flag) => !known.has(flag))).toEqual([]);
  });

  // test/package/docs.test.ts runs them
  test('ends with commands that have these flags', () => {
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) check(example);
  });
});

/** Everything in test/, without this file. */
const tests = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ts|js)$/.test(name) && !name.includes('golden') && !name.endsWith('help.test.ts'))
  .map((name) => readFileSync(join('test', name), 'utf8'))
  .join('\n');

describe.each(commands)('every flag of %s', (_, { flags, examples, summary }) => {
  test('has a help text and a group', () => {
    expect(summary).not.toBe('');
    for (const [name, { help, group }] of Object.entries(flags)) {
      expect(help.length, name).toBeGreaterThan(10);
      expect(help, name).not.toMatch(/\.$|\s{2}/);
      expect(GROUPS, name).toContain(group);
    }
  });

  test('is used in a test', () => {
    const unused = Object.keys(flags).filter((name) => !new RegExp(`--${name}(?![\\w-])`).test(tests));
    expect(unused).toEqual([]);
  });

  test('that an example has exists', () => {
    for (const example of examples) check(example);
  });
});
