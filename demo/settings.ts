import { integer, number, type Settled, settled } from '../src/kinds.ts';
import { SETTINGS } from '../src/train/settings.ts';
import type { BundledName } from './bundled.ts';

const { cell, numLayers, hiddenSize, windowLength, epochs, batchSize, lr, seed, ensemble, horizon, ...more } = SETTINGS;
const { plan, shuffle, scalerFit, split } = more;

/** As far as the page goes: beyond, a link could ask for hours of work, or for more memory than a tab has. */
const upTo = <Setting extends object>(max: number, setting: Setting) => ({
  ...setting,
  kind: integer(1, max, ' in this page; the library and the command take more'),
});

/** What the form asks for, in its order: rows of the library's table. */
export const FIELDS = {
  ...{ cell, numLayers: upTo(16, numLayers), hiddenSize: upTo(1024, hiddenSize) },
  ...{ windowLength: upTo(1000, windowLength), epochs: upTo(10_000, epochs), batchSize: upTo(4096, batchSize) },
  ...{ lr, seed, ensemble: upTo(32, ensemble) },
  /** Steps to forecast after the last row, one after another. */
  horizon: upTo(366, horizon),
  ...{ plan, shuffle, scalerFit },
  /** The page scores every run. */
  split: { ...split, kind: number({ above: 0, below: 1 }) },
} as const;

/** What a run is trained with, as the form has it. */
export type TrainSettings = Settled<typeof FIELDS>;

/** Settings of a run, and the bundled series it is meant for. */
export interface Preset extends Partial<TrainSettings> {
  series?: BundledName;
}

const names = Object.keys(FIELDS) as (keyof TrainSettings)[];
const usual = Object.fromEntries(names.map((name) => [name, FIELDS[name].usual])) as unknown as TrainSettings;

/** The tutorial's run. */
export const TUTORIAL: TrainSettings = { ...usual, horizon: 10, scalerFit: 'all' };

export const PRESETS: Readonly<Record<string, Preset>> = {
  tutorial: { ...TUTORIAL, series: 'sp500' },
  births: {
    ...TUTORIAL,
    ...{ series: 'births', windowLength: 28, epochs: 40, batchSize: 64, lr: 0.003, horizon: 28 },
    ...{ shuffle: true, scalerFit: 'train' },
  },
  quick: { ...TUTORIAL, epochs: 3, batchSize: 8, lr: 0.005, scalerFit: 'train' },
};

/** @throws ConfigError for the first setting that the page does not take. */
export const checkSettings = (settings: TrainSettings): TrainSettings => settled(FIELDS, settings);

/** The preset that has these settings and is for this series or for any, or `own`. */
export function presetOf(settings: TrainSettings, series: BundledName | undefined): string {
  const same = (preset: Preset) =>
    (preset.series ?? series) === series && names.every((name) => preset[name] === settings[name]);
  return Object.keys(PRESETS).find((name) => same(PRESETS[name]!)) ?? 'own';
}

/** In a link: it is one of a training, also where no setting differs from the tutorial's. */
const TRAIN = 'train';

/** A training as entries of a link after `#forecast`: what differs from the tutorial's. @param series the entries for the series. */
export function toLink(settings: TrainSettings, series: readonly [string, string][] = []): [string, string][] {
  const own = names.filter((name) => TUTORIAL[name] !== settings[name]);
  return [[TRAIN, ''], ...series, ...own.map((name): [string, string] => [name, String(settings[name])])];
}

/** The run of a link; undefined for one that names none. What it does not understand it leaves out. */
export function fromLink(hash: string): Preset | undefined {
  const entries = [...new URLSearchParams(hash.replace(/^#/, ''))];
  if (entries.length === 0) return undefined;
  const preset: Record<string, unknown> = { ...TUTORIAL };
  for (const [key, text] of entries) {
    if (key === 'series' && (text === 'sp500' || text === 'births')) preset.series = text;
    else if (Object.hasOwn(FIELDS, key)) preset[key] = valueIn(key as keyof TrainSettings, text) ?? preset[key];
  }
  return preset as Preset;
}

/** Whether a link is one of a training: it is marked as one, it has settings, or it is from before there were others. */
export function asksForTraining(hash: string): boolean {
  const names = [...new URLSearchParams(hash.replace(/^#/, '')).keys()];
  return (
    names.length > 0 &&
    (!names.includes('forecast') || names.some((name) => name === TRAIN || Object.hasOwn(FIELDS, name)))
  );
}

/** A value out of a link; undefined for none. Numbers that cannot be are left to the library's messages. */
function valueIn(name: keyof TrainSettings, text: string): unknown {
  const { usual, kind } = FIELDS[name];
  if (typeof usual === 'boolean') return text === 'true';
  if (typeof usual === 'number') return Number.isFinite(Number(text)) ? Number(text) : undefined;
  return kind.accepts(text) ? text : undefined;
}
