import { expect, test } from 'vitest';
import { DeviceLostError } from '../../src/errors.ts';
import { Forecaster } from '../../src/forecast/forecaster.ts';
import { requestDevice } from '../../src/gpu/device.ts';
import { GuardedDevice } from '../../src/gpu/guarded_device.ts';
import { defineKernel } from '../../src/gpu/kernel.ts';
import { readBuffer } from '../../src/gpu/readback.ts';
import { describeGpu, testDevice, testGpu } from './device.ts';
import { bitsOf } from './expect.ts';

const another = () => requestDevice({ gpu: testGpu() });
const series = Float64Array.from({ length: 60 }, (_, t) => Math.sin(t / 3));
const lostError = () => new DOMException('A valid external Instance reference no longer exists.', 'OperationError');

/** Loses the device while its first pipeline compiles, and then rejects like Chrome without its GPU process. */
function loseWhileCompiling(device: GPUDevice): void {
  const createModule = device.createShaderModule.bind(device);
  device.createShaderModule = (descriptor) =>
    Object.assign(createModule(descriptor), { getCompilationInfo: () => Promise.reject(lostError()) });
  device.createComputePipelineAsync = () => {
    setTimeout(() => device.destroy(), 20); // Chrome rejects slightly before it reports the loss
    return Promise.reject(lostError());
  };
}

describeGpu('a device lost while kernels compile', () => {
  test('makes a kernel reject with DeviceLostError', async () => {
    const device = await another();
    loseWhileCompiling(device);
    const code = '@group(0)@binding(0)var<storage,read_write>x:array<f32>;\n@compute @workgroup_size(1)\nfn fine(){}\n';
    const kernel = defineKernel({ path: 'shaders/fine.wgsl', code, uses: [] }, () => [1]);
    await expect(kernel.load(new GuardedDevice(device))).rejects.toThrow(DeviceLostError);
  });

  test('is replaced with recover: the fit is bit-identical', async () => {
    const model = { hiddenSize: 3, windowLength: 4 };
    const options = { epochs: 2, batchSize: 8, plan: 'resident' } as const;
    const straight = await Forecaster.create({ device: testDevice(), ...model });
    await straight.fit(series, options);
    const device = await another();
    loseWhileCompiling(device);
    const forecaster = await Forecaster.create({ device, ...model });
    let lost = 0;
    await forecaster.fit(series, { ...options, recover: another, onDeviceLost: () => lost++ });
    expect(lost).toBe(1);
    for (const [name, { data }] of await straight.stateDict())
      expect(bitsOf((await forecaster.stateDict()).get(name)!.data), name).toEqual(bitsOf(data));
    for (const one of [straight, forecaster]) one.dispose();
  });
});

describeGpu('a device lost between a readback and its bytes', () => {
  test.each(['getMappedRange', 'unmap'] as const)('rejects with DeviceLostError if %s throws', async (name) => {
    const device = await another();
    const create = device.createBuffer.bind(device);
    device.createBuffer = (descriptor) =>
      Object.assign(create(descriptor), {
        [name]() {
          device.destroy();
          throw lostError(); // as in Deno and Firefox
        },
      });
    const guarded = new GuardedDevice(device);
    const buffer = guarded.createBuffer({ label: 'some', size: 4, usage: GPUBufferUsage.COPY_SRC });
    await expect(readBuffer(guarded, buffer, 0, 4)).rejects.toThrow(DeviceLostError);
  });
});
