#!/usr/bin/env node
// The command `lstm-webgpu`. Exit codes: 0 done, 1 failure, 2 wrong usage; 129, 130 and 143 stopped by SIGHUP, SIGINT and SIGTERM;
// 141 the reader of the output is gone.
import { ConfigError, LstmError } from '../errors.ts';
import { compiled } from '../gpu/compile.ts';
import { suggestion } from '../suggestion.ts';
import { VERSION } from '../version.ts';
import { commandHelp, Printer } from './command.ts';
import { COMMANDS, commandOf } from './commands.ts';
import { helpOn } from './help.ts';
import { COMMAND } from './invocation.ts';
import { nextCommand } from './next_command.ts';
import { Interruption, Stop } from './stop.ts';

async function main([name, ...args]: readonly string[], printer: Printer, stop: Stop): Promise<void> {
  if (name === '--version' || name === '-v') return print(`${VERSION}\n`);
  if (name === '--help' || name === '-h') return print(helpOn(undefined));
  if (name === 'help') return print(helpOn(args[0]));
  if (name === undefined) throw new ConfigError(`A command is missing: ${Object.keys(COMMANDS).join(', ')}.`);
  const command = commandOf(name);
  if (!command) {
    const what = name.startsWith('-') ? 'flag' : 'command';
    throw new ConfigError(`Unknown ${what} ${name}.${suggestion(name, [...Object.keys(COMMANDS), 'help'])}`);
  }
  if (args.includes('--help') || args.includes('-h')) return print(commandHelp(command));
  return command.run(args, printer, stop);
}

function print(text: string): void {
  process.stdout.write(text);
}

/** Prints an error, and what to type next. @returns the exit code. */
function explain(error: unknown, args: readonly string[], printer: Printer): number {
  if (error instanceof Interruption && error.isSilent) return error.exitCode;
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const { code, details } = error instanceof LstmError ? error : {};
  const next = nextCommand(error, args);
  printer.event('error', { message, code, details, next }); // JSON leaves out what is undefined
  printer.note(`lstm-webgpu: ${process.env.DEBUG === 'lstm-webgpu' ? stack : message}`);
  if (error instanceof Interruption) return error.exitCode;
  if (next !== undefined) printer.note(`Try: ${next}`);
  if (!(error instanceof ConfigError)) return 1;
  if (next === undefined) printer.note(usageOf(args[0]));
  return 2;
}

/** The usage of the command that was typed, or where to find the others. */
function usageOf(name: string | undefined): string {
  const command = commandOf(name);
  if (!command) return `Run ${COMMAND} help for the list of commands and topics.`;
  return `Usage: ${COMMAND} ${command.usage}\nSee ${COMMAND} ${name} --help.`;
}

/** The longest wait for the driver's compiler before the process ends. */
const COMPILE_MS = 2000;

const flushed = (stream: NodeJS.WriteStream) => new Promise<void>((resolve) => stream.write('', () => resolve()));

const args = process.argv.slice(2);
const printer = new Printer(args.includes('--json'));
const stop = new Stop();
stop.listen();
const exitCode = await main(args, printer, stop)
  .then(() => flushed(process.stdout))
  .then(
    () => (stop.unwritten ? explain(stop.unwritten, args, printer) : 0),
    (error: unknown) => explain(error, args, printer),
  );
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
await compiled(COMPILE_MS);
process.exit(exitCode); // Dawn's objects must not keep the process alive
