import { parseArgs } from 'node:util';
import { ConfigError, type ErrorAbout } from '../errors.ts';
import { notWhole } from '../options.ts';
import { suggestion } from '../suggestion.ts';

/** One flag of a command: how its text becomes a value, and its line in the help. */
export interface Flag<T> {
  /** Stands for the value in the help, such as `N`; undefined for a switch. */
  placeholder: string | undefined;
  help: string;
  /** What the library does without the flag, for the help; undefined: the help's own words tell. */
  usual?: string | number | undefined;
  /** @throws ConfigError naming the flag. */
  read: (text: string, name: string) => T;
}

export type Flags = Readonly<Record<string, Flag<unknown>>>;
/** A flag that was not given is undefined: what then holds is the library's to say. */
export type FlagValues<F extends Flags> = { [K in keyof F]: ReturnType<F[K]['read']> | undefined };

/** A decimal number: `Number` alone also takes '', '0x10' and 'Infinity'. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** A decimal number, or undefined. */
export const readNumber = (text: string): number | undefined => (NUMBER.test(text) ? Number(text) : undefined);

interface Range {
  min: number;
  max?: number;
}

function expected(name: string, text: string, what: string, about?: ErrorAbout): ConfigError {
  const argument = { argument: `--${name}`, got: JSON.stringify(text) };
  return new ConfigError(
    `${argument.argument}: got ${argument.got}, expected ${what}.`,
    about ?? { code: 'option', details: { ...argument, expected: what } },
  );
}

/** A whole number from `min` to `max`. */
export function integerFlag({ min, max = Number.MAX_SAFE_INTEGER }: Range, help: string, usual?: number): Flag<number> {
  const most = max === Number.MAX_SAFE_INTEGER ? undefined : max;
  return {
    placeholder: 'N',
    help,
    usual,
    read(text, name) {
      const value = readNumber(text) ?? Number.NaN;
      if (!(Number.isInteger(value) && value >= min && value <= max)) throw notWhole(`--${name}`, text, min, most);
      return value;
    },
  };
}

/** A finite number that `accepts` takes; `what` says which those are. */
export function numberFlag(
  what: string,
  accepts: (value: number) => boolean,
  help: string,
  usual?: number,
): Flag<number> {
  return {
    placeholder: 'X',
    help,
    usual,
    read(text, name) {
      const value = readNumber(text) ?? Number.NaN;
      if (!(Number.isFinite(value) && accepts(value))) throw expected(name, text, what);
      return value;
    },
  };
}

export function choiceFlag<T extends string>(choices: readonly T[], help: string, usual?: NoInfer<T>): Flag<T> {
  return {
    placeholder: choices.join('|'),
    help,
    usual,
    read(text, name) {
      const value = choices.find((choice) => choice === text);
      if (value === undefined)
        throw expected(name, text, `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`, {
          code: 'not-a-choice',
          details: { argument: `--${name}`, got: JSON.stringify(text), choices },
        });
      return value;
    },
  };
}

export function textFlag(placeholder: string, help: string): Flag<string> {
  return {
    placeholder,
    help,
    read(text, name) {
      if (text === '') throw expected(name, text, 'a value');
      return text;
    },
  };
}

/** Texts or numbers with commas between them. @param what each of them is to be. */
export function listFlag<T>(
  placeholder: string,
  what: string,
  read: (text: string) => T | undefined,
  help: string,
): Flag<T[]> {
  return {
    placeholder,
    help,
    read(text, name) {
      const values = text.split(',').map((part) => read(part.trim()));
      if (values.includes(undefined)) throw expected(name, text, what);
      return values as T[];
    },
  };
}

export function switchFlag(help: string): Flag<boolean> {
  return { placeholder: undefined, help, read: () => true };
}

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
    Object.entries(flags).map(([name, { placeholder }]) => [
      name,
      { type: placeholder ? 'string' : 'boolean' } as const,
    ]),
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
      throw new ConfigError(`Unknown flag ${token.rawName}.${suggestion(token.name, Object.keys(flags), '--')}`, {
        code: 'unknown-option',
        details: { where: 'flags', option: token.rawName, known: Object.keys(flags).map((name) => `--${name}`) },
      });
    if (flag.placeholder === undefined) {
      if (token.value !== undefined) throw new ConfigError(`--${token.name}: takes no value, got "${token.value}".`);
    } else if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--')))
      throw new ConfigError(`--${token.name}: its value is missing, expected --${token.name} ${flag.placeholder}.`);
    values[token.name] = flag.read(token.value ?? '', token.name);
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

/** The flags as lines of help: two columns, the right one wrapped at 100 characters. */
export function describeFlags(flags: Flags): string {
  const rows = Object.entries(flags).map(([name, { placeholder, usual, help }]) => {
    const byDefault = usual === undefined ? '' : ` (default ${usual})`;
    return { left: `  --${name}${placeholder ? ` ${placeholder}` : ''}`, right: help + byDefault };
  });
  const indent = Math.max(...rows.map(({ left }) => left.length)) + 2;
  return rows.map(({ left, right }) => left.padEnd(indent) + wrap(right, 100 - indent, indent)).join('\n');
}

function wrap(text: string, width: number, indent: number): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join(`\n${' '.repeat(indent)}`);
}
