import { noteText } from '../data/notes.ts';
import type { DeviceDescription } from '../gpu/device.ts';
import { english } from '../report/format.ts';
import { describeFlags, type Flags } from './flags.ts';
import { isSeveral, type NamedFrame, type SeriesFile } from './series_file.ts';
import type { Stop } from './stop.ts';

/** One word after `lstm-webgpu`. */
export interface Command {
  /** One line, for the list of commands. */
  summary: string;
  help: string;
  run(args: readonly string[], printer: Printer, stop: Stop): Promise<void>;
}

/** Notes about series that are printed, of each kind. */
const MOST_NOTES = 10;

/** Characters that a terminal obeys, but for tabs and new lines, and those that turn the direction of what follows. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is them that are looked for
const COMMANDS = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** Names come from files of others: what a terminal would obey is shown, as JSON and JavaScript write it. */
const printable = (text: string): string =>
  text.replace(COMMANDS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/**
 * Where a command's words go: results to stdout, as text or as JSON lines, never both; everything else to stderr.
 */
export class Printer {
  readonly json: boolean;

  constructor(json: boolean) {
    this.json = json;
  }

  /** A line for people on stdout. */
  line(text: string): void {
    if (!this.json) process.stdout.write(`${printable(text)}\n`);
  }

  /** A line for programs on stdout. */
  event(type: string, fields: object): void {
    if (this.json) process.stdout.write(`${printable(JSON.stringify({ type, ...fields }))}\n`);
  }

  /** Progress and warnings. */
  note(text: string): void {
    process.stderr.write(`${printable(text)}\n`);
  }

  /** What was read from a file. @param more what the command does with it. */
  data(name: string, file: SeriesFile, more: object = {}): void {
    const { series, leftOut, idColumn } = file;
    const [first] = series as [NamedFrame];
    const { column, notes, values } = first;
    if (!isSeveral(file)) {
      const note = noteText(notes);
      this.event('data', { file: name, column, rows: values.length, ...more, note, notes });
      this.note(note);
      return;
    }
    const each = series.map(({ id, values, notes }) => ({ id, rows: values.length, notes }));
    const named = idColumn === undefined ? {} : { column, idColumn };
    this.event('data', { file: name, ...named, series: each, leftOut, ...more });
    const count = series.length === 1 ? '1 series' : `${english.count(series.length)} series`;
    this.note(
      idColumn === undefined
        ? `${count}: ${listed(series)}.`
        : `${noteText(notes.filter(({ code }) => code === 'column'))} ${count} in ${JSON.stringify(idColumn)}.`,
    );
    const own = series.flatMap(({ id, notes }) => {
      const words = noteText(notes.filter(({ code }) => code !== 'column'));
      return words === '' ? [] : [`${id}: ${words}`];
    });
    this.#list(own);
    this.#list(leftOut.map(({ id, reason }) => `Left out ${JSON.stringify(id)}: ${reason}`));
  }

  /** The first of some notes. */
  #list(notes: readonly string[]): void {
    for (const note of notes.slice(0, MOST_NOTES)) this.note(note);
    if (notes.length > MOST_NOTES)
      this.note(`and ${english.count(notes.length - MOST_NOTES)} more such series (--json lists all).`);
  }

  device(device: DeviceDescription): void {
    this.event('device', device);
    this.note(`Device: ${deviceName(device)}.`);
  }
}

/** The first names of some series. */
const listed = (series: readonly NamedFrame[]): string =>
  series
    .slice(0, MOST_NOTES)
    .map(({ id }) => JSON.stringify(id))
    .join(', ') + (series.length > MOST_NOTES ? `, and ${english.count(series.length - MOST_NOTES)} more` : '');

/** A software adapter is never passed off as a GPU. */
export const deviceName = ({ name, software }: DeviceDescription): string =>
  software ? `${name} (software adapter: runs on the CPU)` : name;

export function commandHelp(usage: string, about: string, flags: Flags, examples: readonly string[]): string {
  const parts = [`Usage: lstm-webgpu ${usage}`, about];
  if (Object.keys(flags).length > 0) parts.push(describeFlags(flags));
  parts.push(`Examples:\n${examples.map((example) => `  lstm-webgpu ${example}`).join('\n')}`);
  return `${parts.join('\n\n')}\n`;
}
