import { settingsOptimizer } from '../forecast/settings.ts';
import { wordOf } from '../kinds.ts';
import { english } from '../report/format.ts';
import type { FitReport } from '../train/report.ts';
import { SETTINGS, type Setting } from '../train/settings.ts';
import type { Course } from './course.ts';

const FITTED_ON = { train: 'training rows', all: 'all rows', keep: 'rows of the earlier training' };

/** Listed for every run; the others only if they differ from the default. */
const ALWAYS = ['windowLength', 'hiddenSize', 'numLayers', 'epochs', 'batchSize', 'lr', 'split', 'seed'];
/** Listed in words of their own, or by the columns of the file. */
const OTHERWISE = ['scalerFit', 'shuffle', 'plan', 'sliceMs', 'target', 'idColumn'];

/** Names and values that reproduce the run; defaults only where they matter most. */
export function settingsText(course: Course, fit: FitReport): [string, string][] {
  const { settings } = course;
  const values: Record<string, unknown> = { ...valuesOf(course), epochs: fit.epochs.length };
  const rows = Object.entries(SETTINGS as Readonly<Record<string, Setting>>).flatMap(
    ([name, row]): [string, string][] => {
      const value = values[name];
      if (OTHERWISE.includes(name) || value === undefined) return [];
      const [text, usual] = [textOf(row, value), textOf(row, row.usual)];
      return text === usual && !ALWAYS.includes(name) ? [] : [[row.label.toLowerCase(), text]];
    },
  );
  return [
    ...rows,
    ['scaler fitted on', FITTED_ON[settings.scalerFit]],
    ...(settings.schedule ? [['schedule', settings.schedule.name] satisfies [string, string]] : []),
    ['order', settings.shuffle ? 'shuffled' : 'in time'],
    ['plan', fit.plan],
    ...(fit.steps > 0
      ? [['steps', `${english.count(fit.steps)} in ${english.seconds(fit.seconds)}`] satisfies [string, string]]
      : []), // of a training that was finished before it was resumed
  ];
}

/** Settings of the recipe that are printed. */
const CHOSEN = ['windowLength', 'hiddenSize', 'scalePer', 'epochs', 'batchSize', 'lr'] as const;

/** The settings that the recipe chose, by option, and as a sentence. */
export function chosenSettings(course: Course): { values: Record<string, unknown>; text: string } {
  const all = valuesOf(course);
  const values = Object.fromEntries(CHOSEN.map((name) => [name, all[name]]));
  const parts = CHOSEN.map((name) => `${SETTINGS[name].label.toLowerCase()} ${textOf(SETTINGS[name], values[name])}`);
  return { values, text: `Settings: ${parts.join(', ')}. --preset tutorial uses the tutorial's.` };
}

/** Values by option. */
function valuesOf({ shape, settings, seed, ensemble }: Course): Record<string, unknown> {
  const { clip, earlyStopping, loss } = settings;
  const { options } = settingsOptimizer(settings, 0);
  return {
    ...{ ...shape.config, ...shape, seed, ensemble, ...settings, lr: settings.lr[0], 'loss.name': loss.name },
    'optimizer.name': options.name,
    'optimizer.weightDecay': options.weightDecay,
    'optimizer.momentum': 'momentum' in options ? options.momentum : undefined,
    'clip.norm': clip?.norm,
    'earlyStopping.patience': earlyStopping?.patience,
  };
}

function textOf({ kind }: Setting, value: unknown): string {
  if (Array.isArray(value)) return value.join(', ');
  const { words } = kind;
  const isNamed = words && Object.values(words).includes(value);
  return isNamed ? wordOf(kind as { words: Record<string, string> }, value as string) : String(value);
}
