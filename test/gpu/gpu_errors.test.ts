import { expect, test } from 'vitest';
import { requestDevice } from '../../src/gpu/device.ts';
import { describeGpu, testDevice, testGpu } from './device.ts';
import { expectGpuErrors } from './gpu_errors.ts';

const refuse = (device: GPUDevice) =>
  device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });

describeGpu('an uncaptured error of WebGPU', () => {
  test('is caught on the device of a test file', () => {
    expectGpuErrors(/usage/i);
    refuse(testDevice());
  });

  test('is caught on a test’s own device', async () => {
    expectGpuErrors(/usage/i);
    const device = await requestDevice({ gpu: testGpu() });
    refuse(device);
    await device.queue.onSubmittedWorkDone();
    device.destroy();
    expect((await device.lost).reason).toBe('destroyed');
  });
});
