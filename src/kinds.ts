import { ConfigError } from './errors.ts';
import { shown } from './shown.ts';

/** What values an option may have: in a program, and as text in a command or a form. */
export interface Kind<Value> {
  /** Behind "expected" in a message. */
  readonly expected: string;
  /** The same for text, where that is other words. */
  readonly expectedText?: string;
  accepts(value: unknown): boolean;
  /** Stands for a value in a flag's help; undefined: a switch, which has none. */
  readonly placeholder?: string;
  /** The value of a text; undefined for a text that is none. */
  read(text: string): Value | undefined;
  /** Of a choice: each value by its word on the command line. */
  readonly words?: Readonly<Record<string, Value>>;
  /** Of a number in a form. */
  readonly range?: { min?: number; max?: number; step: number | 'any' };
}

/** A decimal number: `Number` alone also takes '', '0x10' and 'Infinity'. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** A decimal number, or undefined. */
export const readNumber = (text: string): number | undefined => (NUMBER.test(text) ? Number(text) : undefined);

/** A finite number that `accepts` takes. */
export function number(
  expected: string,
  accepts: (value: number) => boolean,
  range: Kind<number>['range'] = { step: 'any' },
): Kind<number> {
  const isOne = (value: unknown): value is number =>
    typeof value === 'number' && Number.isFinite(value) && accepts(value);
  const read = (text: string) => {
    const value = readNumber(text);
    return isOne(value) ? value : undefined;
  };
  return { expected, placeholder: 'X', accepts: isOne, read, range };
}

/** A whole number from `min` to `max`. */
export function integer(min: number, max = Number.MAX_SAFE_INTEGER): Kind<number> {
  const upTo = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  const range = { min, max, step: 1 };
  const isOne = (value: number) => Number.isInteger(value) && value >= min && value <= max;
  return { ...number(`a whole number ${upTo}`, isOne, range), placeholder: 'N' };
}

export const positiveInteger = integer(1);
export const atLeastZero = number('a finite number of at least 0', (value) => value >= 0, { min: 0, step: 'any' });

/** A number above `min` and below `max`. */
export const between = (min: number, max: number): Kind<number> =>
  number(`a number above ${min}${max < Infinity ? ` and below ${max}` : ''}`, (value) => value > min && value < max);

export const onOff: Kind<boolean> = {
  expected: 'true or false',
  accepts: (value) => typeof value === 'boolean',
  read: () => true,
};

/** One of some names. @param words those of the command line, each with its name; or names that are words. */
export function choice<const Name extends string>(
  words: Readonly<Record<string, Name>> | readonly Name[],
): Kind<Name> & { readonly words: Readonly<Record<string, Name>> } {
  const byWord = (Array.isArray(words) ? Object.fromEntries(words.map((word) => [word, word])) : words) as Readonly<
    Record<string, Name>
  >;
  const [all, names] = [Object.keys(byWord), Object.values(byWord)];
  return {
    expected: listed(names.map((name) => `'${name}'`)),
    expectedText: listed(all),
    placeholder: all.join('|'),
    words: byWord,
    accepts: (value) => names.includes(value as Name),
    read: (text) => (Object.hasOwn(byWord, text) ? byWord[text] : undefined),
  };
}

/** The word of the command line for one of its names. */
export const wordOf = <Name extends string>({ words }: { words: Readonly<Record<string, Name>> }, name: Name): string =>
  Object.keys(words).find((word) => words[word] === name)!;

/** Texts or numbers, as text with commas between them. @param expected what they are to be. */
export function list<Value>(
  placeholder: string,
  expected: string,
  read: (text: string) => Value | undefined,
): Kind<readonly Value[]> {
  return {
    expected,
    placeholder,
    accepts: Array.isArray,
    read(text) {
      const values = text.split(',').map((part) => read(part.trim()));
      return values.includes(undefined) ? undefined : (values as Value[]);
    },
  };
}

/** Text that is not empty. */
export const text = (placeholder: string): Kind<string> => ({
  expected: 'a value',
  placeholder,
  accepts: (value) => typeof value === 'string',
  read: (given) => given || undefined,
});

const listed = (words: readonly string[]): string =>
  words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : words.join();

/** @throws ConfigError naming the option. */
function check(name: string, value: unknown, { accepts, expected }: Kind<unknown>): void {
  if (!accepts(value)) throw new ConfigError(`${name}: got ${shown(value)}, expected ${expected}.`);
}

/** An option of a table. */
export interface Row<Value> {
  kind: Kind<Value>;
  /** What it is where nothing is said. */
  usual?: Value;
  /** It has to be there. */
  required?: true;
}

type ValueOf<R> = R extends { kind: Kind<infer Value> } ? Value : never;
/** What becomes of the options of a table. */
export type Settled<Rows extends object> = {
  [Name in keyof Rows]: Rows[Name] extends { usual: unknown } | { required: true }
    ? ValueOf<Rows[Name]>
    : ValueOf<Rows[Name]> | undefined;
};

/** Fills in what is usual, and checks the rest. @throws ConfigError naming the first option that cannot be. */
export function settled<Rows extends Readonly<Record<string, Row<unknown>>>>(
  rows: Rows,
  options: { readonly [Name in keyof Rows]?: unknown },
): Settled<Rows> {
  const values = Object.entries(rows).map(([name, { kind, usual, required }]) => {
    const value = options[name] === undefined ? usual : options[name];
    if (value !== undefined || required) check(name, value, kind);
    return [name, value];
  });
  return Object.fromEntries(values) as Settled<Rows>;
}
