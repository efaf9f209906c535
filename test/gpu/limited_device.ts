import { requestDevice } from '../../src/gpu/device.ts';
import { testGpu } from './device.ts';

/** A separate device that reports a smaller limit for buffers. */
export async function limitedDevice(bytes: number): Promise<GPUDevice> {
  const device = await requestDevice({ gpu: testGpu() });
  const { limits } = device;
  const limited = new Proxy(limits, {
    get: (_, name) => (name === 'maxStorageBufferBindingSize' ? bytes : limits[name as keyof GPUSupportedLimits]),
  });
  Object.defineProperty(device, 'limits', { value: limited });
  return device;
}
