import { type DeviceFacts, type DeviceOptions, describeDevice, deviceFacts, POWER_PREFERENCES } from '../gpu/device.ts';
import { english } from '../report/format.ts';
import { selfTest } from '../self_test/self_test.ts';
import { type Command, deviceName, type Printer } from './command.ts';
import { adapterFlag, adapterNames, requestNodeDevice } from './device.ts';
import { grouped, jsonFlag, readArguments, switchFlag } from './flags.ts';

const flags = {
  ...grouped('Evaluation', {
    'self-test': switchFlag("Compare the first device with PyTorch's results; exit 1 on a mismatch"),
  }),
  ...grouped('Output', { json: jsonFlag }),
  ...grouped('Advanced', { adapter: adapterFlag }),
};

/** The results of the device are wrong; the report is already printed. */
class SelfTestError extends Error {}

/** Lists the devices that WebGPU offers, without duplicates. */
export const devicesCommand: Command = {
  summary: 'List the devices that WebGPU offers here',
  usage: 'devices [flags]',
  about:
    'Lists the devices that WebGPU offers, with the limits (in bytes) and the features that are used.\n' +
    'The other commands run on the first one.',
  flags,
  examples: ['devices', 'devices --json', 'devices --self-test'],
  async run(args, printer, stop) {
    const { values } = readArguments(flags, [], args);
    const { adapter } = values;
    if (values['self-test']) return testItself(adapter, printer, stop.signal);
    const lines = new Map<string, DeviceLine>();
    for (const options of adapter === undefined ? await everyAdapter() : [{ adapter }]) {
      const facts = await look(options);
      const key = JSON.stringify(facts);
      const line = lines.get(key) ?? { ...facts, adapter: [] };
      lines.set(key, line);
      if (options.adapter !== undefined) line.adapter.push(options.adapter);
    }
    for (const line of lines.values()) {
      printer.event('device', line);
      printer.line(deviceText(line));
    }
  },
};

/** A device, and its names for `--adapter`. */
type DeviceLine = DeviceFacts & { adapter: string[] };

/** Dawn selects adapters by name; WebGPU by power preference only. The other commands use the first. */
async function everyAdapter(): Promise<DeviceOptions[]> {
  const names = await adapterNames();
  return [
    {},
    ...names.map((adapter) => ({ adapter })),
    ...POWER_PREFERENCES.map((powerPreference) => ({ powerPreference })),
  ];
}

async function testItself(adapter: string | undefined, printer: Printer, signal: AbortSignal): Promise<void> {
  const device = await requestNodeDevice({ adapter });
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

async function look(options: DeviceOptions): Promise<DeviceFacts> {
  const device = await requestNodeDevice(options);
  const facts = deviceFacts(device);
  device.destroy();
  return facts;
}

function deviceText(line: DeviceLine): string {
  const rows = [
    ['adapter', line.adapter.join(', ')],
    ['vendor', line.vendor],
    ['architecture', line.architecture],
    ...Object.entries(line.limits).map(([name, limit]) => [name, english.count(limit)]),
    ['features', line.features.join(', ')],
  ];
  return [deviceName(line), ...rows.map(([name, value]) => `  ${name!.padEnd(34)}${value || '–'}`)].join('\n');
}
