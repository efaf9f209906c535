import { backtestCommand } from './backtest.ts';
import type { Command } from './command.ts';
import { devicesCommand } from './devices.ts';
import { evaluateCommand } from './evaluate.ts';
import { forecastCommand } from './forecast.ts';
import { predictCommand } from './predict.ts';
import { sweepCommand } from './sweep/sweep.ts';
import { workerCommand } from './sweep/worker.ts';
import { trainCommand } from './train.ts';

/** Every command, by the word after `lstm-webgpu`. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  forecast: forecastCommand,
  train: trainCommand,
  predict: predictCommand,
  evaluate: evaluateCommand,
  backtest: backtestCommand,
  sweep: sweepCommand,
  worker: workerCommand,
  devices: devicesCommand,
};

/** The command of a name, if there is one. */
export const commandOf = (name: string | undefined): Command | undefined =>
  name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
