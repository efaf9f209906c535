import { afterEach, expect, test, vi } from 'vitest';
import { Fleet } from '../../src/forecast/fleet.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { backtest } from '../../src/node/backtest.ts';
import { type Command, Printer } from '../../src/node/command.ts';
import { evaluate } from '../../src/node/evaluate.ts';
import { predict } from '../../src/node/predict.ts';
import { Stop } from '../../src/node/stop.ts';
import { describeGpu, testDevice } from '../gpu/device.ts';
import { expectGpuErrors } from '../gpu/gpu_errors.ts';
import { inFolder, QUICK, wave, waveCsv, write } from './command.ts';

const methods = Fleet.prototype as unknown as Record<string, (this: Fleet, ...args: unknown[]) => unknown>;

/** The device reports an error of its own while a method of the fleet works, as when it runs out of memory. */
function failIn(name: string): void {
  const real = methods[name]!;
  vi.spyOn(methods, name).mockImplementationOnce(function (this: Fleet, ...args) {
    const error = { message: 'out of memory' };
    this.device.dispatchEvent(Object.assign(new Event('uncapturederror'), { error }));
    return real.apply(this, args);
  });
}

afterEach(() => {
  vi.restoreAllMocks();
});

describeGpu('a GPU error that no call returns', () => {
  test.each<[string, Command, string, string[]]>([
    ['backtest', backtest, 'outputsOfEach', ['wave.csv', ...QUICK, '--folds', '2', '--test-rows', '6']],
    ['evaluate', evaluate, 'outputs', ['model.safetensors', 'wave.csv']],
    ['predict', predict, 'outputsOfWindows', ['model.safetensors', 'wave.csv']],
  ])('ends %s before it tells a number', async (_, command, method, args) => {
    expectGpuErrors(/^out of memory$/);
    write('wave.csv', waveCsv);
    const forecaster = await Forecaster.create({ device: testDevice(), hiddenSize: 4, windowLength: 5 });
    await forecaster.fit(
      Float64Array.from(wave, ({ value }) => Number(value)),
      { epochs: 1, batchSize: 64 },
    );
    write('model.safetensors', await forecaster.save());
    forecaster.destroy();
    failIn(method);
    const printer = new Printer(false);
    const lines = vi.spyOn(printer, 'line');
    const inputs = args.map((arg) => (arg.includes('.') ? inFolder(arg) : arg));
    await expect(command.run(inputs, printer, new Stop())).rejects.toThrow(/GPU reports an error.*out of memory/);
    expect(lines).not.toHaveBeenCalled();
  });
});
