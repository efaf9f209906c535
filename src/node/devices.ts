import { type DeviceFacts, describeDevice, deviceFacts } from '../gpu/device.ts';
import { english } from '../report/format.ts';
import { selfTest } from '../self_test/self_test.ts';
import { type Command, commandHelp, deviceName, type Printer } from './command.ts';
import { requestNodeDevice } from './device.ts';
import { readArguments, switchFlag } from './flags.ts';

/** The first one is what the other commands use. */
const PREFERENCES: readonly (GPUPowerPreference | undefined)[] = [undefined, 'high-performance', 'low-power'];

const flags = {
  'self-test': switchFlag("Hold the first one against PyTorch's numbers; exits with 1 when it gives others"),
  json: switchFlag('Print JSON lines, one for each device or check, and nothing else on stdout'),
};

/** The device does not give the numbers that it should; the report has said so. */
class SelfTestError extends Error {}

/** Lists the devices that WebGPU offers, without doubles. */
export const devicesCommand: Command = {
  summary: 'List the devices that WebGPU offers here',
  help: commandHelp(
    'devices [--self-test] [--json]',
    'Lists the devices that WebGPU offers, with the limits (in bytes) and the features that are used.\n' +
      'The first one is what the other commands run on.',
    flags,
    ['devices', 'devices --json', 'devices --self-test'],
  ),
  async run(args, printer, stop) {
    if (readArguments(flags, [], args).values['self-test']) return testItself(printer, stop.signal);
    const seen = new Set<string>();
    for (const powerPreference of PREFERENCES) {
      const line = await look(powerPreference);
      const key = JSON.stringify(line);
      if (seen.has(key)) continue;
      seen.add(key);
      printer.event('device', line);
      printer.line(deviceText(line));
    }
  },
};

async function testItself(printer: Printer, signal: AbortSignal): Promise<void> {
  const device = await requestNodeDevice();
  try {
    printer.device(describeDevice(device));
    const { text, ...report } = await selfTest(device, { signal, onCheck: (check) => printer.event('check', check) });
    printer.line(text);
    const { ok, seconds, checks } = report;
    const failed = checks.filter((check) => !check.ok).map(({ name }) => name);
    printer.event('result', { ok, seconds, checks: checks.length, failed });
    if (!ok) throw new SelfTestError(`The self-test failed: ${failed.join(', ')}.`);
  } finally {
    device.destroy();
  }
}

async function look(powerPreference: GPUPowerPreference | undefined): Promise<DeviceFacts> {
  const device = await requestNodeDevice({ powerPreference });
  const facts = deviceFacts(device);
  device.destroy();
  return facts;
}

function deviceText(line: DeviceFacts): string {
  const rows = [
    ['vendor', line.vendor],
    ['architecture', line.architecture],
    ...Object.entries(line.limits).map(([name, limit]) => [name, english.count(limit)]),
    ['features', line.features.join(', ')],
  ];
  return [deviceName(line), ...rows.map(([name, value]) => `  ${name!.padEnd(34)}${value || '–'}`)].join('\n');
}
