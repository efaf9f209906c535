import { ConfigError } from '../errors.ts';
import { suggestion } from '../suggestion.ts';
import { commandHelp } from './command.ts';
import { COMMANDS, commandOf } from './commands.ts';
import { TOPICS } from './topics.ts';

const table = (rows: Readonly<Record<string, { summary: string }>>): string =>
  Object.entries(rows)
    .map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`)
    .join('\n');

const HELP = `Usage: lstm-webgpu <command> [arguments]

Trains LSTMs on a series of numbers, on the GPU through WebGPU, and forecasts its next values.

Commands:
${table(COMMANDS)}

Topics:
${table(TOPICS)}

Run lstm-webgpu <command> --help for its flags, lstm-webgpu help <topic> for a topic, or lstm-webgpu --version for the version.

Examples:
  lstm-webgpu forecast sales.csv --chart-out forecast.html
  lstm-webgpu train prices.csv --model-out model.safetensors --chart-out chart.html
  lstm-webgpu predict model.safetensors prices.csv --horizon 5
`;

/** The text for a command or a topic, or without one the list of both. @throws ConfigError for an unknown one. */
export function helpOn(name: string | undefined): string {
  if (name === undefined) return HELP;
  const command = commandOf(name);
  if (command) return commandHelp(command);
  const topic = Object.hasOwn(TOPICS, name) ? TOPICS[name] : undefined;
  if (!topic) {
    const near = suggestion(name, [...Object.keys(COMMANDS), ...Object.keys(TOPICS)]);
    throw new ConfigError(`help: no command or topic is called ${JSON.stringify(name)}.${near}`);
  }
  const examples = topic.examples.map((example) => `  lstm-webgpu ${example}`);
  return `${topic.text.trim()}\n\nExamples:\n${examples.join('\n')}\n`;
}
