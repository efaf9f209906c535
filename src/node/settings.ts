import { settingsOptimizer } from '../forecast/settings.ts';
import { wordOf } from '../kinds.ts';
import { english } from '../report/format.ts';
import type { FitReport } from '../train/report.ts';
import { SETTINGS, type Setting } from '../train/settings.ts';
import type { Course } from './course.ts';

const FITTED_ON = { train: 'training rows', all: 'all rows', keep: 'the rows that the weights were trained on' };

/** Told of every run; the others where they are not as usual. */
const ALWAYS = ['windowLength', 'hiddenSize', 'numLayers', 'epochs', 'batchSize', 'lr', 'split', 'seed'];
/** Told in words of their own, or by the file's own columns. */
const OTHERWISE = ['scalerFit', 'shuffle', 'plan', 'sliceMs', 'target', 'idColumn'];

/** What somebody needs to get the same numbers again: names and values, those that are as usual only where they matter most. */
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
    ['scale fitted on', FITTED_ON[settings.scalerFit]],
    ...(settings.schedule ? [['schedule', settings.schedule.name] satisfies [string, string]] : []),
    ['order', settings.shuffle ? 'shuffled' : 'in time'],
    ['plan', fit.plan],
    ...(fit.steps > 0
      ? [['steps', `${english.count(fit.steps)} in ${english.seconds(fit.seconds)}`] satisfies [string, string]]
      : []), // of a training that was finished before it was resumed
  ];
}

/** Told of settings that the recipe chose. */
const CHOSEN = ['windowLength', 'hiddenSize', 'scalePer', 'epochs', 'batchSize', 'lr'] as const;

/** What a training that the recipe chose settings for is told, by the places of options, and as a sentence. */
export function chosenSettings(course: Course): { values: Record<string, unknown>; text: string } {
  const all = valuesOf(course);
  const values = Object.fromEntries(CHOSEN.map((name) => [name, all[name]]));
  const parts = CHOSEN.map((name) => `${SETTINGS[name].label.toLowerCase()} ${textOf(SETTINGS[name], values[name])}`);
  return { values, text: `Settings: ${parts.join(', ')}; --preset tutorial has those of the tutorial.` };
}

/** By the place of its option. */
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
