import { expect, test } from 'vitest';
import { requestDevice } from '../../src/gpu/device.ts';
import { LSTM } from '../../src/nn/recurrent.ts';
import type { SelfTestCheck } from '../../src/self_test/report.ts';
import { selfTest } from '../../src/self_test/self_test.ts';
import { describeGpu, testDevice, testGpu } from './device.ts';
import { liveBuffers } from './live_buffers.ts';

/** A device that compiles shaders other than the given ones, like a defective driver. */
const withShaders = (device: GPUDevice, alter: (code: string) => string): GPUDevice =>
  new Proxy(device, {
    get(target, name) {
      if (name === 'createShaderModule')
        return (descriptor: GPUShaderModuleDescriptor) =>
          target.createShaderModule({ ...descriptor, code: alter(descriptor.code) });
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

const failedOf = (checks: readonly SelfTestCheck[]) => checks.filter(({ ok }) => !ok).map(({ name }) => name);

describeGpu('selfTest', () => {
  test('passes here, with at least 30 checks, and reports it as text', async () => {
    const seen: SelfTestCheck[] = [];
    const { ok, checks, device, seconds, text } = await selfTest(testDevice(), {
      onCheck: (check) => seen.push(check),
    });
    expect(failedOf(checks), text).toEqual([]);
    expect(ok).toBe(true);
    expect(checks.length).toBeGreaterThanOrEqual(30);
    expect(new Set(seen)).toEqual(new Set(checks));
    expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
    for (const { name, error, tolerance } of checks) expect(error, name).toBeLessThanOrEqual(tolerance);
    expect(seconds).toBeGreaterThan(0);
    expect(text).toContain(`Self-test on ${device.name}`);
    expect(text).toContain(`${checks.length} of ${checks.length} checks passed`);
    for (const { name } of checks) expect(text).toContain(`ok     ${name}`);
    expect(text).toContain('this device matches PyTorch.');
  });

  test('fails exactly the checks that use tanh if one of its constants is wrong', async () => {
    const device = withShaders(testDevice(), (code) => code.replaceAll('-0.33333334', '-0.33'));
    const { ok, checks, text } = await selfTest(device);
    expect(ok).toBe(false);
    const failed = failedOf(checks);
    for (const name of ['LSTM, timestep', 'LSTM, sequence', 'GRU, timestep', 'RNN tanh, sequence', 'resident predict'])
      expect(failed).toContain(name);
    for (const name of ['RNN relu, timestep', 'matmul', 'loss mse', 'optimizer AdamW'])
      expect(failed).not.toContain(name);
    const lstm = checks.find(({ name }) => name === 'LSTM, timestep')!;
    expect(lstm.error).toBeGreaterThan(lstm.tolerance);
    expect(lstm.message).toMatch(/ is off by \d\.\de-\d/);
    expect(text).toMatch(/FAILED LSTM, timestep/);
    expect(text).toMatch(/update the graphics driver.*\n.*powerPreference.*\n.*report it with this text/);
  });

  test('names a driver that ends loops early, and loads no kernel for it', async () => {
    const early = (code: string) =>
      code.replace(/for\(;k<counts\[0\];k\+\+\)\{/, (loop) => `${loop}if(k==65535u){break;}`);
    const device = withShaders(testDevice(), early);
    const { ok, checks, text } = await selfTest(device);
    expect(ok).toBe(false);
    expect(checks[0]!.message).toMatch(/^The device ended a loop of 100000 rounds after 65535/);
    expect(text).toContain('FAILED long loops');
    for (const { message } of checks.slice(1)) expect(message).toBe('did not run');
    const lstm = await LSTM.create({ device, inputSize: 1, hiddenSize: 2 });
    await expect(lstm.forward({ shape: [1, 1, 1], data: [0] })).rejects.toMatchObject({
      code: 'loops-cut-short',
      details: { expected: 100_000, rounds: 65_535 },
    });
    lstm.dispose();
  });

  test('fails every check if kernels write nothing', async () => {
    const empty = (code: string) => code.replace(/(@compute[^{]*fn \w+\([^{]*\{)/, '$1 return;');
    const { checks } = await selfTest(withShaders(testDevice(), empty));
    expect(checks.filter(({ ok }) => ok).map(({ name }) => name)).toEqual([]);
  });

  test('fails with the reason if a shader does not compile', async () => {
    const device = await requestDevice({ gpu: testGpu() });
    const { checks } = await selfTest(withShaders(device, (code) => `${code}\nfn broken( {`));
    expect(checks.every(({ ok }) => !ok)).toBe(true);
    expect(checks[0]!.message).toMatch(/^rounds: the shader did not compile/);
    device.destroy();
  });

  test('fails the rest with the reason if the device is lost, before or meanwhile', async () => {
    const device = await requestDevice({ gpu: testGpu() });
    const report = await selfTest(device, { onCheck: () => device.destroy() });
    expect(report.ok).toBe(false);
    expect(report.checks.length).toBeGreaterThanOrEqual(30);
    expect(failedOf(report.checks).length).toBeGreaterThan(25);
    expect(report.checks.at(-2)!.message).toMatch(/The GPU device was lost \(destroyed\)/);
    expect(report.text).toMatch(/Its results are unknown: request a new device/);
    const after = await selfTest(device);
    for (const { name, ok, message } of after.checks) {
      expect(ok, name).toBe(false);
      expect(message, name).toMatch(/The GPU device was lost/);
    }
  });

  test('stops when the signal aborts, and rejects with its reason', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const seen: string[] = [];
    const onCheck = ({ name }: SelfTestCheck) => {
      seen.push(name);
      controller.abort(reason);
    };
    await expect(selfTest(testDevice(), { onCheck, signal: controller.signal })).rejects.toBe(reason);
    expect(seen.length).toBeLessThan(10);
    await expect(selfTest(testDevice(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('leaves no buffer on the device', async () => {
    const device = testDevice();
    const create = device.createBuffer;
    const alive = liveBuffers(device);
    try {
      expect((await selfTest(device)).ok).toBe(true);
    } finally {
      device.createBuffer = create;
    }
    expect([...alive].map(({ label }) => label)).toEqual([]);
  });
});
