import { ConfigError } from './errors.ts';
import { notAChoice, notWhole } from './options.ts';
import { alternatives, shown } from './shown.ts';

/** The values an option may have, both in a call and as text in a command or a form. */
export interface Kind<Value> {
  accepts(value: unknown): boolean;
  /** The error for a value that it does not accept. @param argument its name. */
  refused(argument: string, got: unknown): ConfigError;
  /** Parses text; undefined if the text is not a valid value. */
  read(text: string): Value | undefined;
  /** The error for invalid text, if that needs other words. */
  readonly refusedText?: (argument: string, got: string) => ConfigError;
  /** The placeholder for the value in a flag's help; undefined for a switch, which has no value. */
  readonly placeholder?: string;
  /** For a choice: each value by its word on the command line. */
  readonly words?: Readonly<Record<string, Value>>;
  /** For a number in a form; without a step, any value in the range is valid. */
  readonly range?: { min?: number; max?: number; step?: number };
}

/** The error for anything other than what is expected. */
const unexpected = (expected: string) => (argument: string, value: unknown) => {
  const got = shown(value);
  return new ConfigError(`${argument}: got ${got}, expected ${expected}.`, {
    code: 'option',
    details: { argument, got, expected },
  });
};

/** A decimal number: `Number` alone also takes '', '0x10' and 'Infinity'. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** A decimal number, or undefined. */
export const decimalOf = (text: string): number | undefined => (NUMBER.test(text) ? Number(text) : undefined);

const readAs = (accepts: (value: unknown) => value is number) => (text: string) => {
  const value = decimalOf(text);
  return accepts(value) ? value : undefined;
};

/** Bounds of a number; `above` and `below` exclude the bound itself. */
interface Bounds {
  above?: number;
  atLeast?: number;
  below?: number;
  atMost?: number;
}

/** A finite number within bounds. */
export function number(bounds: Bounds): Kind<number> {
  const { above = -Infinity, atLeast = -Infinity, below = Infinity, atMost = Infinity } = bounds;
  const accepts = (value: unknown): value is number =>
    Number.isFinite(value) &&
    (value as number) > above &&
    (value as number) >= atLeast &&
    (value as number) < below &&
    (value as number) <= atMost;
  const [min, max] = [Math.max(above, atLeast), Math.min(below, atMost)];
  const expected = `a ${max < Infinity ? '' : 'finite '}number ${boundsText(bounds)}`;
  return {
    accepts,
    placeholder: 'X',
    refused: (argument, value) => {
      const got = shown(value);
      return new ConfigError(`${argument}: got ${got}, expected ${expected}.`, {
        code: 'out-of-range',
        details: { argument, got, ...bounds },
      });
    },
    read: readAs(accepts),
    range: { ...(min > -Infinity && { min }), ...(max < Infinity && { max }) },
  };
}

function boundsText({ above, atLeast, below, atMost }: Bounds): string {
  if (atLeast !== undefined && atMost !== undefined) return `from ${atLeast} to ${atMost}`;
  const parts = [
    above !== undefined && `above ${above}`,
    atLeast !== undefined && `of at least ${atLeast}`,
    below !== undefined && `below ${below}`,
    atMost !== undefined && `of at most ${atMost}`,
  ];
  return parts.filter(Boolean).join(' and ');
}

/** A whole number from `min` to `max`. @param why reason for the maximum, appended to it in messages. */
export function integer(min: number, max?: number, why?: string): Kind<number> {
  const accepts = (value: unknown): value is number =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= (max ?? Infinity);
  return {
    accepts,
    placeholder: 'N',
    refused: (argument, got) => notWhole(argument, got, min, max, why),
    read: readAs(accepts),
    range: { min, ...(max !== undefined && { max }), step: 1 },
  };
}

export const positiveInteger = integer(1);
export const atLeastZero = number({ atLeast: 0 });

export const onOff: Kind<boolean> = {
  accepts: (value) => typeof value === 'boolean',
  refused: (argument, got) => notAChoice(argument, got, [true, false]),
  read: () => true,
};

export const anObject: Kind<object> = {
  accepts: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  refused: unexpected('an object'),
  read: () => undefined,
};

/** One of some names. @param words the command line's word for each name; or a list of names, which are their own words. */
export function choice<const Name extends string>(
  words: Readonly<Record<string, Name>> | readonly Name[],
): Kind<Name> & { readonly words: Readonly<Record<string, Name>> } {
  const byWord = (Array.isArray(words) ? Object.fromEntries(words.map((word) => [word, word])) : words) as Readonly<
    Record<string, Name>
  >;
  const [all, names] = [Object.keys(byWord), Object.values(byWord)];
  return {
    placeholder: all.join('|'),
    words: byWord,
    accepts: (value) => names.includes(value as Name),
    refused: (argument, got) => notAChoice(argument, got, names),
    refusedText: (argument, got) =>
      new ConfigError(`${argument}: got ${shown(got)}, expected ${alternatives(all)}.`, {
        code: 'not-a-choice',
        details: { argument, got: shown(got), choices: all },
      }),
    read: (text) => (Object.hasOwn(byWord, text) ? byWord[text] : undefined),
  };
}

/** The command line's word for one of the names. */
export const wordOf = <Name extends string>({ words }: { words: Readonly<Record<string, Name>> }, name: Name): string =>
  Object.keys(words).find((word) => words[word] === name)!;

/** A list of strings or numbers, comma-separated as text. @param expected in words. @param asText the same, for text. */
export function list<Value>(
  placeholder: string,
  read: (text: string) => Value | undefined,
  expected: string,
  asText = expected,
): Kind<readonly Value[]> {
  return {
    placeholder,
    accepts: Array.isArray,
    refused: unexpected(expected),
    refusedText: unexpected(asText),
    read(text) {
      const values = text.split(',').map((part) => read(part.trim()));
      return values.includes(undefined) ? undefined : (values as Value[]);
    },
  };
}

/** Non-empty text. @param expected in words. */
export const text = (placeholder: string, expected = 'a value'): Kind<string> => ({
  placeholder,
  accepts: (value) => typeof value === 'string' && value !== '',
  refused: unexpected(expected),
  read: (given) => given || undefined,
});

/** @throws ConfigError naming the option. */
export function check(name: string, value: unknown, kind: Kind<unknown>): void {
  if (!kind.accepts(value)) throw kind.refused(name, value);
}

/** An option of a table. */
export interface Row<Value> {
  kind: Kind<Value>;
  /** The default. */
  usual?: Value;
  /** It must be given. */
  required?: true;
}

type ValueOf<R> = R extends { kind: Kind<infer Value> } ? Value : never;
/** The options of a table, with defaults filled in. */
export type Settled<Rows extends object> = {
  [Name in keyof Rows]: Rows[Name] extends { usual: unknown } | { required: true }
    ? ValueOf<Rows[Name]>
    : ValueOf<Rows[Name]> | undefined;
};

/** Fills in defaults and checks the rest. @throws ConfigError naming the first invalid option. */
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
