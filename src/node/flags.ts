import { parseArgs } from 'node:util';
import { ConfigError } from '../errors.ts';
import { type Kind, onOff, wordOf } from '../kinds.ts';
import { suggestion } from '../suggestion.ts';
import { GROUPS, type Group } from '../train/settings.ts';

/** One flag of a command: its values, and its line in the help. Settings are flags as well. */
export interface Flag<T> {
  kind: Kind<T>;
  help: string;
  /** The library's default, for the help. */
  usual?: unknown;
  /** More about the default, for the help. */
  usually?: string;
  /** What the recipe uses instead of the default, which then is the tutorial's. */
  recipe?: string;
  group?: Group;
}

export type Flags = Readonly<Record<string, Flag<unknown>>>;
/** Flags of a command: each is in a group of its help. */
export type GroupedFlags = Readonly<Record<string, Flag<unknown> & { group: Group }>>;
/** A flag that was not given is undefined: the library has the default. */
export type FlagValues<F extends Flags> = { [K in keyof F]: (F[K] extends Flag<infer T> ? T : never) | undefined };

/** A flag that is not a setting. */
export const flag = <T>(kind: Kind<T>, help: string, usual?: T): Flag<T> => ({ kind, help, usual });

/** A switch. */
export const switchFlag = (help: string): Flag<boolean> => flag(onOff, help);

/** Of every command. */
export const jsonFlag = switchFlag('Print JSON lines and nothing else on stdout');

/** Flags under one heading of the help. */
export const grouped = <F extends Flags>(group: Group, flags: F): { [K in keyof F]: F[K] & { group: Group } } =>
  Object.fromEntries(Object.entries(flags).map(([name, one]) => [name, { ...one, group }])) as {
    [K in keyof F]: F[K] & { group: Group };
  };

/**
 * Reads the arguments of a command. Of a repeated flag, the last one counts.
 * @param positionals names of the arguments that are not flags; all are required. If the last name ends in `...`, it may be
 *   repeated, and the further arguments are in `more`.
 * @returns also the names of the flags that were given.
 * @throws ConfigError for an unknown flag, an invalid value, a missing or an extra argument.
 */
export function readArguments<F extends Flags, P extends string>(
  flags: F,
  positionals: readonly P[],
  args: readonly string[],
): { values: FlagValues<F>; files: Record<P, string>; more: string[]; given: ReadonlySet<string> } {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { kind }]) => [name, { type: kind.placeholder ? 'string' : 'boolean' } as const]),
  );
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const values: Record<string, unknown> = {};
  const positional: string[] = [];
  const given = new Set<string>();
  for (const token of tokens) {
    if (token.kind === 'positional') positional.push(token.value);
    if (token.kind !== 'option') continue;
    const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
    if (!flag || !token.rawName.startsWith('--'))
      throw new ConfigError(
        `Unknown flag ${token.rawName}.${suggestion(token.name, Object.keys(flags), (name) => `--${name}`)}`,
      );
    const { placeholder, read, refused, refusedText = refused } = flag.kind;
    if (placeholder === undefined) {
      if (token.value !== undefined) throw new ConfigError(`--${token.name}: takes no value, got "${token.value}".`);
    } else if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--')))
      throw new ConfigError(`--${token.name}: its value is missing, expected --${token.name} ${placeholder}.`);
    const text = token.value ?? '';
    values[token.name] = read(text);
    if (values[token.name] === undefined) throw refusedText(`--${token.name}`, text);
    given.add(token.name);
  }
  const missing = positionals[positional.length];
  if (missing !== undefined) throw new ConfigError(`<${missing}> is missing.`);
  if (positional.length > positionals.length && !positionals.at(-1)?.endsWith('...'))
    throw new ConfigError(`Unexpected argument: ${JSON.stringify(positional[positionals.length])}.`);
  const files = Object.fromEntries(positionals.map((name, k) => [name, positional[k]]));
  const more = positional.slice(positionals.length);
  return { values: values as FlagValues<F>, files: files as Record<P, string>, more, given };
}

/** Flags as lines of help, by group: two columns, the right one wrapped at 100 characters. */
export function describeFlags(flags: GroupedFlags): string {
  const rows = Object.entries(flags).map(([name, { kind, help, group, usual, usually, recipe }]) => {
    const { placeholder } = kind;
    const own = defaultText(kind, usual) + (usually ?? '');
    const byDefault =
      recipe === undefined ? own && ` (default ${own})` : ` (default: ${recipe}; tutorial: ${own || 'off'})`;
    const right = help + byDefault;
    return { group, left: `  --${name}${placeholder ? ` ${placeholder}` : ''}`, right };
  });
  const indent = Math.min(MAX_INDENT, Math.max(...rows.map(({ left }) => left.length)) + 2);
  const lines = ({ left, right }: (typeof rows)[0]) =>
    (left.length < indent ? left.padEnd(indent) : `${left}\n${' '.repeat(indent)}`) + wrap(right, 100 - indent, indent);
  return GROUPS.map((group) => ({ group, own: rows.filter((row) => row.group === group) }))
    .filter(({ own }) => own.length > 0)
    .map(({ group, own }) => `${group}:\n${own.map(lines).join('\n')}`)
    .join('\n\n');
}

/** Maximum width of the column with flags and placeholders. */
const MAX_INDENT = 32;

function defaultText(kind: Kind<unknown>, usual: unknown): string {
  if (typeof usual === 'number') return String(usual);
  if (typeof usual !== 'string') return '';
  return kind.words ? wordOf(kind as { words: Record<string, string> }, usual) : usual;
}

/** Text in lines of a width; all but the first are indented. */
export function wrap(text: string, width: number, indent: number): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join(`\n${' '.repeat(indent)}`);
}
