import { parseArgs } from 'node:util';
import { ConfigError } from '../errors.ts';
import { type Kind, onOff, wordOf } from '../kinds.ts';
import { suggestion } from '../suggestion.ts';
import { GROUPS, type Group } from '../train/settings.ts';

/** One flag of a command: its values, and its line in the help. A setting is one, too. */
export interface Flag<T> {
  kind: Kind<T>;
  help: string;
  /** What the library does without the flag, for the help. */
  usual?: unknown;
  /** What the help says of the default beside it. */
  usually?: string;
  /** What the recipe takes instead of the default, which is the tutorial's then. */
  recipe?: string;
  group?: Group;
}

export type Flags = Readonly<Record<string, Flag<unknown>>>;
/** A flag that was not given is undefined: what then holds is the library's to say. */
export type FlagValues<F extends Flags> = { [K in keyof F]: (F[K] extends Flag<infer T> ? T : never) | undefined };

/** A flag that is no setting. */
export const flag = <T>(kind: Kind<T>, help: string, usual?: T): Flag<T> => ({ kind, help, usual });

/** A switch. */
export const switchFlag = (help: string): Flag<boolean> => flag(onOff, help);

/** Flags that stand together in the help. */
export const grouped = <F extends Flags>(group: Group, flags: F): F =>
  Object.fromEntries(Object.entries(flags).map(([name, one]) => [name, { ...one, group }])) as F;

/**
 * Reads the arguments of a command. The last one of a repeated flag counts.
 * @param positionals names of the arguments that are no flags; every one of them must be there. What is given beyond them is
 *   in `more`, where the last one may be repeated: its name ends in `...`.
 * @returns also the names of the flags that were given, whatever their values.
 * @throws ConfigError for an unknown flag, a value that does not fit, a missing or a superfluous argument.
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
    throw new ConfigError(`Got one argument too many: ${JSON.stringify(positional[positionals.length])}.`);
  const files = Object.fromEntries(positionals.map((name, k) => [name, positional[k]]));
  const more = positional.slice(positionals.length);
  return { values: values as FlagValues<F>, files: files as Record<P, string>, more, given };
}

/** The flags as lines of help, group by group: two columns, the right one wrapped at 100 characters. */
export function describeFlags(flags: Flags): string {
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
  const sections = [undefined, ...GROUPS].map((group) => rows.filter((row) => row.group === group));
  const title = (group: Group | undefined) => `${group ?? 'Flags'}:\n`;
  return sections
    .filter((section) => section.length > 0)
    .map((section) => title(section[0]!.group) + section.map(lines).join('\n'))
    .join('\n\n');
}

/** Columns that the names of flags and their values take at most. */
const MAX_INDENT = 32;

function defaultText(kind: Kind<unknown>, usual: unknown): string {
  if (typeof usual === 'number') return String(usual);
  if (typeof usual !== 'string') return '';
  return kind.words ? wordOf(kind as { words: Record<string, string> }, usual) : usual;
}

/** Text in lines of a width, all but the first of them indented. */
export function wrap(text: string, width: number, indent: number): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join(`\n${' '.repeat(indent)}`);
}
