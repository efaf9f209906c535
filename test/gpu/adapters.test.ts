import { expect, test } from 'vitest';
import { ConfigError, DeviceError } from '../../src/errors.ts';
import { describeDevice, requestAnother, requestDevice } from '../../src/gpu/device.ts';
import { describeGpu, testGpu } from './device.ts';

/** Two GPUs, as offered by WebGPU: one by default and for speed, the other to save power. Both are test doubles. */
function twoGpus(): { gpu: GPU; asked: string[] } {
  const asked: string[] = [];
  const named = (adapter: GPUAdapter, description: string): GPUAdapter =>
    new Proxy(adapter, {
      get(target, name) {
        if (name === 'info') return { vendor: 'maker', architecture: 'ampere', device: '', description };
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  const requestAdapter = async ({ powerPreference }: GPURequestAdapterOptions = {}) => {
    const name = powerPreference === 'low-power' ? 'Small 100' : 'Large 9000';
    asked.push(name);
    return named((await testGpu().requestAdapter())!, name);
  };
  return { gpu: { requestAdapter } as GPU, asked };
}

describeGpu('requestDevice', () => {
  test.each([
    [undefined, 'Large 9000'],
    ['large', 'Large 9000'],
    ['SMALL', 'Small 100'],
    ['ampere', 'Large 9000'],
  ])('with the adapter %s chooses %s', async (adapter, expected) => {
    const { gpu, asked } = twoGpus();
    (await requestDevice({ gpu, ...(adapter !== undefined && { adapter }) })).destroy();
    expect(asked.at(-1)).toBe(expected);
  });

  test('lists the adapters if none has the name', async () => {
    const refused = requestDevice({ gpu: twoGpus().gpu, adapter: 'Medium' });
    await expect(refused).rejects.toThrow(DeviceError);
    await expect(refused).rejects.toThrow('no adapter matches "Medium". Available: Large 9000, Small 100.');
    await expect(refused).rejects.toMatchObject({ code: 'no-adapter' });
    for (const adapter of ['', 3 as unknown as string])
      await expect(requestDevice({ gpu: twoGpus().gpu, adapter })).rejects.toThrow(ConfigError);
  });

  test('replaces a lost device by one with the same options', async () => {
    const { gpu, asked } = twoGpus();
    const device = await requestDevice({ gpu, adapter: 'Small', label: 'mine' });
    device.destroy();
    asked.length = 0;
    const another = await requestAnother(device, AbortSignal.timeout(1000));
    expect(asked.at(-1)).toBe('Small 100');
    expect(another.label).toBe('mine');
    another.destroy();
  });

  test('recognizes a software adapter that a browser reports as a fallback without a name', () => {
    const described = (info: Partial<GPUAdapterInfo>) =>
      describeDevice({ adapterInfo: { vendor: '', architecture: '', description: '', ...info } as GPUAdapterInfo });
    expect(described({ isFallbackAdapter: true }).software).toBe(true);
    expect(described({ isFallbackAdapter: false }).software).toBe(false);
    expect(described({ description: 'llvmpipe (LLVM 15)' }).software).toBe(true);
  });

  test('names a card whose description is only its driver', () => {
    const name = (info: Partial<GPUAdapterInfo>) =>
      describeDevice({
        adapterInfo: { vendor: 'nvidia', architecture: '', device: '0x2335', ...info } as GPUAdapterInfo,
      }).name;
    expect(name({ description: 'NVIDIA H200' })).toBe('NVIDIA H200');
    expect(name({ description: 'NVIDIA: 580.159.04 580.159.4.0' })).toMatch(
      /^(NVIDIA .+|nvidia 0x2335), driver 580\.159\.04$/,
    );
    expect(name({ description: '' })).toBe('nvidia');
  });
});
