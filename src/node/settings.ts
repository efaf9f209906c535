import { settingsOptimizer } from '../forecast/settings.ts';
import { english } from '../report/format.ts';
import type { FitReport } from '../train/report.ts';
import type { Course } from './course.ts';
import { DEFAULTS } from './defaults.ts';
import { CELLS } from './model_flags.ts';

const FITTED_ON = { train: 'training rows', all: 'all rows', keep: 'the rows that the weights were trained on' };

/** What somebody needs to get the same numbers again: names and values, those that are as usual only where they matter most. */
export function settingsText({ shape, settings, seed, ensemble }: Course, fit: FitReport): [string, string][] {
  const { config } = shape;
  const { loss, clip, earlyStopping } = settings;
  const { name: optimizer, options } = settingsOptimizer(settings, 0);
  const wordOf = (cell: string) => Object.entries(CELLS).find(([, name]) => name === cell)![0];
  const { shape: usual, fit: usualFit } = DEFAULTS;
  const always: [string, string | number][] = [
    ['window', `${shape.windowLength} rows`],
    ['hidden units', config.hiddenSize],
    ['layers', config.numLayers],
    ['epochs', fit.epochs.length],
    ['batch', settings.batchSize],
    ['learning rate', settings.lr[0]!],
    ['split', settings.split],
    ['seed', seed],
  ];
  const changed: [name: string, value: string | number | boolean | undefined, unchanged: string | number | boolean][] =
    [
      ['started from', settings.from, 'initial'],
      ['cell', wordOf(config.cell), wordOf(usual.config.cell)],
      ['bidirectional', config.bidirectional, usual.config.bidirectional],
      ['projection', config.projSize, usual.config.projSize],
      ['dropout', config.dropout, usual.config.dropout],
      ['horizon', shape.horizon, usual.horizon],
      ['past', shape.past.join(', '), ''],
      ['future', shape.future.join(', '), ''],
      ['quantiles', shape.quantiles.join(', '), ''],
      ['scaler', shape.scaler, usual.scaler],
      ['scaled per', shape.scalePer, usual.scalePer],
      ['transform', shape.transform, usual.transform],
      ['optimizer', optimizer.toLowerCase(), usualFit.optimizer.name.toLowerCase()],
      ['momentum', 'momentum' in options ? options.momentum : 0, 0],
      ['weight decay', options.weightDecay, 0],
      ['loss', loss.name, usualFit.loss.name],
      ['clip norm', clip?.norm ?? 0, 0],
      ['validation', settings.validation, 0],
      ['patience', earlyStopping?.patience ?? 0, 0],
      ['ensemble', ensemble, 1],
    ];
  const shown = changed.filter(([, value, unchanged]) => value !== unchanged);
  return [
    ...[...always, ...shown].map(([name, value]): [string, string] => [name, String(value)]),
    ['scaler fitted on', FITTED_ON[settings.scalerFit]],
    ['order', settings.shuffle ? 'shuffled' : 'in time'],
    ['plan', fit.plan],
    ...(fit.steps > 0
      ? [['steps', `${english.count(fit.steps)} in ${english.seconds(fit.seconds)}`] satisfies [string, string]]
      : []), // of a training that was finished before it was resumed
  ];
}
