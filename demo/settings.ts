import type { CellName, PlanName } from '../src/index.ts';
import type { BundledName } from './bundled.ts';
import { byId } from './elements.ts';

/** What a run is trained with, as the form has it. */
export interface TrainSettings {
  cell: CellName;
  numLayers: number;
  windowLength: number;
  hiddenSize: number;
  seed: number;
  /** Models side by side. */
  ensemble: number;
  plan: PlanName | 'auto';
  shuffle: boolean;
  /** Rows to forecast behind the last one. */
  horizon: number;
  epochs: number;
  batchSize: number;
  lr: number;
  /** Share of the windows that is trained on, 0 to 1. */
  split: number;
  scalerFit: 'train' | 'all';
}

const NUMBERS = {
  numLayers: 'layers',
  hiddenSize: 'hidden',
  windowLength: 'window',
  epochs: 'epochs',
  batchSize: 'batch',
  lr: 'lr',
  split: 'split',
  seed: 'seed',
  ensemble: 'ensemble',
  horizon: 'horizon',
} as const;

const CHOICES = { cell: 'cell', plan: 'plan', scalerFit: 'scaler' } as const;

/** Settings of a run, and the bundled series it is meant for. */
export interface Preset extends Partial<TrainSettings> {
  series?: BundledName;
}

/** The tutorial's run. */
export const TUTORIAL: TrainSettings = {
  cell: 'LSTM',
  numLayers: 1,
  hiddenSize: 32,
  windowLength: 10,
  epochs: 20,
  batchSize: 1,
  lr: 0.001,
  split: 0.8,
  seed: 0,
  ensemble: 1,
  horizon: 10,
  plan: 'auto',
  shuffle: false,
  scalerFit: 'all',
};

export const PRESETS: Readonly<Record<string, Preset>> = {
  tutorial: { ...TUTORIAL, series: 'sp500' },
  births: {
    ...TUTORIAL,
    ...{ series: 'births', windowLength: 28, epochs: 40, batchSize: 64, lr: 0.003, horizon: 28 },
    ...{ shuffle: true, scalerFit: 'train' },
  },
  quick: { ...TUTORIAL, epochs: 3, batchSize: 8, lr: 0.005, scalerFit: 'train' },
};

/** The form's values as they are: the library checks them, and its messages say what is wrong. Empty is NaN. */
export function readSettings(): TrainSettings {
  const number = (key: keyof typeof NUMBERS) => byId(NUMBERS[key], HTMLInputElement).valueAsNumber;
  const choice = (key: keyof typeof CHOICES) => byId(CHOICES[key], HTMLSelectElement).value;
  const numbers = Object.fromEntries(Object.keys(NUMBERS).map((key) => [key, number(key as keyof typeof NUMBERS)]));
  const choices = Object.fromEntries(Object.keys(CHOICES).map((key) => [key, choice(key as keyof typeof CHOICES)]));
  const shuffle = byId('shuffle', HTMLSelectElement).value === 'yes';
  return { ...numbers, ...choices, shuffle } as unknown as TrainSettings;
}

/** Fills the form; what is left out stays. */
export function writeSettings(settings: Preset): void {
  for (const [key, id] of Object.entries(NUMBERS)) {
    const value = settings[key as keyof typeof NUMBERS];
    if (value !== undefined) byId(id, HTMLInputElement).value = String(value);
  }
  for (const [key, id] of Object.entries(CHOICES)) {
    const value = settings[key as keyof typeof CHOICES];
    const select = byId(id, HTMLSelectElement);
    if ([...select.options].some((option) => option.value === value)) select.value = value!;
  }
  if (settings.shuffle !== undefined) byId('shuffle', HTMLSelectElement).value = settings.shuffle ? 'yes' : 'no';
  byId('preset', HTMLSelectElement).value = presetOf(readSettings());
}

/** The preset that has these settings, or `own`. */
export function presetOf(settings: TrainSettings): string {
  const same = (preset: Preset) =>
    Object.entries(settings).every(([key, value]) => preset[key as keyof TrainSettings] === value);
  return Object.keys(PRESETS).find((name) => same(PRESETS[name]!)) ?? 'own';
}

/** A run as the part of a link behind `#`: what differs from the tutorial's. */
export function toLink(settings: TrainSettings, series: BundledName | undefined): string {
  const own = Object.entries(settings).filter(([key, value]) => TUTORIAL[key as keyof TrainSettings] !== value);
  return new URLSearchParams([
    ...(series ? [['series', series]] : []),
    ...own.map(([key, value]) => [key, String(value)]),
  ]).toString();
}

/** The run of a link; undefined for one that names none. What it does not understand it leaves out. */
export function fromLink(hash: string): Preset | undefined {
  const entries = [...new URLSearchParams(hash.replace(/^#/, ''))];
  if (entries.length === 0) return undefined;
  const preset: Record<string, unknown> = { ...TUTORIAL };
  for (const [key, value] of entries) {
    if (key === 'series' && (value === 'sp500' || value === 'births')) preset.series = value;
    else if (key === 'shuffle') preset.shuffle = value === 'true';
    else if (key in CHOICES) preset[key] = value;
    else if (key in NUMBERS && Number.isFinite(Number(value))) preset[key] = Number(value);
  }
  return preset as Preset;
}
