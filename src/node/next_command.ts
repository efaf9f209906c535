import { type ErrorDetails, LstmError } from '../errors.ts';
import { nearest } from '../suggestion.ts';
import { SHAPE } from '../train/settings.ts';
import { commandOf } from './commands.ts';
import { COMMAND } from './invocation.ts';

type Code = keyof ErrorDetails;
/** Flags with their values, by name. */
type Changes = Readonly<Record<string, string | undefined>>;
/** Which flags fix an error. @param typed the value of a flag in the command that failed. */
type Fix<C extends Code> = (details: ErrorDetails[C], typed: (flag: string) => string | undefined) => Changes;

/** Errors that other flags fix. What else is wrong is wrong in the file, or in the message already. */
const FIXES: { readonly [C in Code]?: Fix<C> } = {
  'csv-which-column': ({ columns }) => ({ column: columns[0]!.name }),
  'csv-no-column'({ option, got, columns }, typed) {
    const list = typed(option);
    const near = nearest(
      String(got),
      columns.map(({ name }) => name),
    );
    if (list === undefined || near === undefined || /^\d*$/.test(String(got))) return {};
    const names = list.split(',').map((name) => (name.trim() === got ? near : name));
    return { [option]: option === 'column' || option === 'id' ? near : names.join(',') };
  },
  'csv-hole': () => ({ missing: 'interpolate' }),
  'csv-bad-date': () => ({ missing: 'drop' }),
  'too-short'({ rows, needed }, typed) {
    const isTutorial = typed('preset') === 'tutorial';
    const given = typed('window') ?? (isTutorial ? SHAPE.windowLength.usual : undefined);
    const window = Number(given) - (needed - rows);
    return window > 0 ? { window: String(window) } : {}; // the recipe's own window is as short as it can be
  },
  'training-not-finite': (_, typed) => ({ lr: String(Number(typed('lr') ?? 0.01) / 10) }),
  /** Errors of the command itself have the flags with them. */
  option: ({ next = {} }) => next as Changes,
};

/** Values for a command that is copied into a shell: names of columns come from files that are not trusted. */
const PLAIN = /^[\p{L}\p{N}_.][\p{L}\p{N}_@%+=:,./ ()#-]*$/u;

/** The command that was typed, with the flags that fix an error; undefined where none do. @param args after `lstm-webgpu`. */
export function nextCommand(error: unknown, args: readonly string[]): string | undefined {
  const [name] = args;
  const command = commandOf(name);
  if (!command || !(error instanceof LstmError) || args.some((word) => word.startsWith('--queue'))) return undefined; // a secret
  const fix = FIXES[error.code] as Fix<Code> | undefined;
  const flags = fix?.(error.details as ErrorDetails[Code], (flag) => valueIn(args, flag)) ?? {};
  const changes = Object.entries(flags).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const isUsable = ([flag, value]: [string, string]) => Object.hasOwn(command.flags, flag) && PLAIN.test(value);
  if (changes.length === 0 || !changes.every(isUsable)) return undefined;
  const fixed = changes.reduce<readonly string[]>((all, [flag, value]) => withFlag(all, flag, value), args);
  return [COMMAND, ...fixed.map(quoted)].join(' ');
}

/** The place of a flag, and whether its value is in the same word: the last one counts. */
function placeOf(args: readonly string[], flag: string): { at: number; inline: boolean } | undefined {
  const at = args.findLastIndex((word) => word === `--${flag}` || word.startsWith(`--${flag}=`));
  return at < 0 ? undefined : { at, inline: args[at] !== `--${flag}` };
}

function valueIn(args: readonly string[], flag: string): string | undefined {
  const place = placeOf(args, flag);
  if (!place) return undefined;
  return place.inline ? args[place.at]!.slice(flag.length + 3) : args[place.at + 1];
}

function withFlag(args: readonly string[], flag: string, value: string): readonly string[] {
  const place = placeOf(args, flag);
  if (!place) return [...args, `--${flag}`, value];
  return args.toSpliced(place.at, place.inline ? 1 : 2, `--${flag}`, value);
}

/** A word quoted for a POSIX shell; words in double quotes also work on Windows. */
const quoted = (word: string): string => {
  if (/^[\w@%+=:,./\\-]+$/.test(word)) return word;
  return /["$`\\!]/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : `"${word}"`;
};
