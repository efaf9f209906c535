import { type Note, noteEnglish, noteText as textOf } from '../data/notes.ts';
import type { DeviceDescription } from '../gpu/device.ts';
import { english } from '../report/format.ts';
import { describeFlags, type GroupedFlags } from './flags.ts';
import { isSeveral, type NamedFrame, type SeriesFile } from './series_file.ts';
import type { Stop } from './stop.ts';

/** One word after `lstm-webgpu`. */
export interface Command {
  /** One line, for the list of commands. */
  summary: string;
  /** The command with its arguments, without `lstm-webgpu`. */
  usage: string;
  /** Paragraphs between the usage and the flags. */
  about: string;
  flags: GroupedFlags;
  /** Without `lstm-webgpu`. */
  examples: readonly string[];
  run(args: readonly string[], printer: Printer, stop: Stop): Promise<void>;
}

/** Notes name flags. */
const WORDS = noteEnglish((option, value) => {
  const flag = `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return value === undefined ? flag : `${flag} ${value}`;
});
const noteText = (notes: readonly Note[]): string => textOf(notes, WORDS);

/** Most notes about series that are printed, of each kind. */
const MOST_NOTES = 10;

/** Control characters, except tabs and newlines, and characters that change the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it searches for
const COMMANDS = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** Names come from untrusted files: control characters are escaped, as in JSON and JavaScript. */
const printable = (text: string): string =>
  text.replace(COMMANDS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/**
 * The output of a command: results on stdout, as text or as JSON lines, never both; everything else on stderr.
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

  /** What was read from a file. @param more further fields of the event. */
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

/** A software adapter is always reported as one. */
export const deviceName = ({ name, software }: DeviceDescription): string =>
  software ? `${name} (software adapter: runs on the CPU)` : name;

/** What `--help` prints. */
export function commandHelp({ usage, about, flags, examples }: Command): string {
  const lines = examples.map((example) => `  lstm-webgpu ${example}`);
  return `Usage: lstm-webgpu ${usage}\n\n${about}\n\n${describeFlags(flags)}\n\nExamples:\n${lines.join('\n')}\n`;
}
