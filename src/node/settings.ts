import type { FitReport } from '../train/run.ts';
import type { Course } from './course.ts';
import { CELLS } from './model_flags.ts';
import { formatSeconds } from './progress.ts';

const FITTED_ON = { train: 'training rows', all: 'all rows', keep: 'the rows that the weights were trained on' };

/** What somebody needs to get the same numbers again: names and values, those that are as usual only where they matter most. */
export function settingsText({ shape, settings, seed, ensemble }: Course, fit: FitReport): [string, string][] {
  const { config } = shape;
  const { optimizer, loss, clip, earlyStopping } = settings;
  const momentum = 'momentum' in optimizer ? (optimizer.momentum ?? 0) : 0;
  const words = Object.entries(CELLS).find(([, name]) => name === config.cell);
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
  const changed: [name: string, value: string | number | boolean | undefined, usual: string | number | boolean][] = [
    ['started from', settings.from, 'initial'],
    ['cell', words?.[0], 'lstm'],
    ['bidirectional', config.bidirectional, false],
    ['projection', config.projSize, 0],
    ['dropout', config.dropout, 0],
    ['horizon', shape.horizon, 1],
    ['past', shape.past.join(', '), ''],
    ['future', shape.future.join(', '), ''],
    ['quantiles', shape.quantiles.join(', '), ''],
    ['scaler', shape.scaler, 'minmax'],
    ['scaled per', shape.scalePer, 'series'],
    ['transform', shape.transform, 'none'],
    ['optimizer', optimizer.name.toLowerCase(), 'adam'],
    ['momentum', momentum, 0],
    ['weight decay', optimizer.weightDecay ?? 0, 0],
    ['loss', loss.name, 'mse'],
    ['clip norm', clip && 'norm' in clip ? clip.norm : 0, 0],
    ['validation', settings.validation, 0],
    ['patience', earlyStopping?.patience ?? 0, 0],
    ['ensemble', ensemble, 1],
  ];
  const shown = changed.filter(([, value, usual]) => value !== usual);
  return [
    ...[...always, ...shown].map(([name, value]): [string, string] => [name, String(value)]),
    ['scaler fitted on', FITTED_ON[settings.scalerFit]],
    ['order', settings.shuffle ? 'shuffled' : 'in time'],
    ['plan', fit.plan],
    ...(fit.steps > 0
      ? [['steps', `${fit.steps.toLocaleString('en')} in ${formatSeconds(fit.seconds)}`] satisfies [string, string]]
      : []), // of a training that was finished before it was resumed
  ];
}
