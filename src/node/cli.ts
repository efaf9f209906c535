#!/usr/bin/env node
// The command `lstm-webgpu`. Exit codes: 0 done, 1 failure, 2 wrong use; 129, 130 and 143 stopped by SIGHUP, SIGINT, SIGTERM; 141 nobody read on.
import { ConfigError, LstmError } from '../errors.ts';
import { suggestion } from '../suggestion.ts';
import { VERSION } from '../version.ts';
import { backtestCommand } from './backtest.ts';
import { type Command, Printer } from './command.ts';
import { devicesCommand } from './devices.ts';
import { evaluateCommand } from './evaluate.ts';
import { forecastCommand } from './forecast.ts';
import { predictCommand } from './predict.ts';
import { Interruption, Stop } from './stop.ts';
import { sweepCommand } from './sweep/sweep.ts';
import { workerCommand } from './sweep/worker.ts';
import { trainCommand } from './train.ts';

const COMMANDS: Readonly<Record<string, Command>> = {
  forecast: forecastCommand,
  train: trainCommand,
  predict: predictCommand,
  evaluate: evaluateCommand,
  backtest: backtestCommand,
  sweep: sweepCommand,
  worker: workerCommand,
  devices: devicesCommand,
};

const HELP = `Usage: lstm-webgpu <command> [arguments]

Trains LSTMs on a series of numbers, on the GPU through WebGPU, and forecasts its next values.

Commands:
${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  .join('\n')}

  lstm-webgpu <command> --help tells its flags. lstm-webgpu --version tells the version.

Examples:
  lstm-webgpu forecast sales.csv --chart-out forecast.html
  lstm-webgpu train prices.csv --model-out model.safetensors --chart-out chart.html
  lstm-webgpu predict model.safetensors prices.csv --horizon 5
`;

async function main([name, ...args]: readonly string[], printer: Printer, stop: Stop): Promise<void> {
  if (name === '--version' || name === '-v') return print(`${VERSION}\n`);
  if (name === '--help' || name === '-h' || name === 'help') return print(COMMANDS[args[0] ?? '']?.help ?? HELP);
  if (name === undefined) throw new ConfigError(`A command is missing: ${Object.keys(COMMANDS).join(', ')}.`);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    const what = name.startsWith('-') ? 'flag' : 'command';
    throw new ConfigError(`Unknown ${what} ${name}.${suggestion(name, Object.keys(COMMANDS))}`);
  }
  if (args.includes('--help') || args.includes('-h')) return print(command.help);
  return command.run(args, printer, stop);
}

function print(text: string): void {
  process.stdout.write(text);
}

/** Says what went wrong. @returns the exit code. */
function explain(error: unknown, printer: Printer): number {
  if (error instanceof Interruption && error.isSilent) return error.exitCode;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const { code, details } = error instanceof LstmError ? error : {};
  printer.event('error', { message, code, details }); // JSON leaves out what is undefined
  printer.note(`lstm-webgpu: ${process.env.DEBUG === 'lstm-webgpu' ? stack : message}`);
  if (error instanceof Interruption) return error.exitCode;
  if (!(error instanceof ConfigError)) return 1;
  printer.note('lstm-webgpu --help, or lstm-webgpu <command> --help, tells the way to use it.');
  return 2;
}

const flushed = (stream: NodeJS.WriteStream) => new Promise<void>((resolve) => stream.write('', () => resolve()));

const args = process.argv.slice(2);
const printer = new Printer(args.includes('--json'));
const stop = new Stop();
stop.listen();
const exitCode = await main(args, printer, stop)
  .then(() => flushed(process.stdout))
  .then(
    () => (stop.unwritten ? explain(stop.unwritten, printer) : 0),
    (error: unknown) => explain(error, printer),
  );
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
process.exit(exitCode); // Dawn's objects must not keep the process waiting
