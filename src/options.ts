import { ConfigError } from './errors.ts';
import { alternatives, shown } from './shown.ts';
import { suggestion } from './suggestion.ts';

/** The name of every option of a call: the compiler requires all of them and accepts no others. */
export type OptionNames<Options> = Readonly<Record<keyof Options, unknown>>;

/** @throws ConfigError if this is not an object, which JSON and JavaScript callers may pass. Undefined means no options. */
export function checkObject(where: string, options: unknown): void {
  if (options !== undefined && (typeof options !== 'object' || options === null || Array.isArray(options)))
    throw new ConfigError(`${where}: got ${shown(options)}, expected an object of options.`);
}

/**
 * Rejects options that a call does not have, which would otherwise be silently ignored. Options set to undefined count as
 * absent.
 * @param where the options are, for messages. @throws ConfigError naming the option.
 */
export function checkOptions<Options extends object>(
  where: string,
  options: Options | undefined,
  known: OptionNames<NoInfer<Options>>,
): void {
  checkObject(where, options);
  const names = Object.keys(known);
  for (const [name, value] of Object.entries(options ?? {}))
    if (value !== undefined && !Object.hasOwn(known, name))
      throw new ConfigError(
        `${where}: unknown key ${shown(name)}. Known: ${names.join(', ')}.${suggestion(name, names)}`,
        { code: 'unknown-option', details: { where, option: name, known: names } },
      );
}

/** The error for a value that is not one of the choices. */
export function notAChoice(argument: string, got: unknown, choices: readonly (string | boolean)[]): ConfigError {
  const quoted = choices.map((choice) => (typeof choice === 'string' ? `'${choice}'` : String(choice)));
  return new ConfigError(`${argument}: got ${shown(got)}, expected ${alternatives(quoted)}.`, {
    code: 'not-a-choice',
    details: { argument, got: shown(got), choices },
  });
}

/** The error for a number that is not whole or out of range. @param why reason for the maximum, appended to it. */
export function notWhole(argument: string, got: unknown, min: number, max?: number, why = ''): ConfigError {
  const range = max === undefined ? `of at least ${min}` : `from ${min} to ${max}`;
  return new ConfigError(`${argument}: got ${shown(got)}, expected a whole number ${range}${why}.`, {
    code: 'not-whole-number',
    details: { argument, got: shown(got), min, ...(max !== undefined && { max }) },
  });
}
