import { expect, test } from 'vitest';
import activations from '../../shaders/shared/activations.wgsl';
import { ShaderError } from '../../src/errors.ts';
import { compiled } from '../../src/gpu/compile.ts';
import { requestDevice } from '../../src/gpu/device.ts';
import { GuardedDevice } from '../../src/gpu/guarded_device.ts';
import { defineKernel } from '../../src/gpu/kernel.ts';
import { adam } from '../../src/kernels/index.ts';
import { describeGpu, testGpu } from './device.ts';

describeGpu('a shader that does not compile', () => {
  test('is quoted by file, line and source, after its shared files', async () => {
    const device = await requestDevice({ gpu: testGpu() });
    const code =
      '\n\n@group(0)@binding(0)var<storage,read_write>x:array<f32>;\n@compute @workgroup_size(1)\nfn bad(){x[0]=nothing;}\n';
    const kernel = defineKernel({ path: 'shaders/bad.wgsl', code, uses: [activations] }, () => [1]);
    const error = await kernel.load(new GuardedDevice(device)).catch((reason: unknown) => reason);
    device.destroy();
    expect(error).toBeInstanceOf(ShaderError);
    expect(error).toMatchObject({ code: 'shader', cause: expect.anything() });
    expect((error as Error).message).toMatch(/^bad: the shader did not compile.\nshaders\/bad\.wgsl:5: .*nothing/s);
    expect((error as Error).message).toContain('\n    fn bad(){x[0]=nothing;}');
  });

  test('a process can wait for what is being compiled, but not forever', async () => {
    const device = await requestDevice({ gpu: testGpu() });
    const started: Promise<unknown>[] = [];
    const create = device.createComputePipelineAsync.bind(device);
    let isDone = false;
    device.createComputePipelineAsync = (descriptor) => {
      const pipeline = create(descriptor);
      started.push(pipeline);
      pipeline.finally(() => {
        isDone = true;
      });
      return pipeline;
    };
    const loading = adam.load(new GuardedDevice(device));
    expect(started).not.toEqual([]);
    await compiled(0);
    await compiled(60_000);
    expect(isDone).toBe(true);
    await loading;
    device.destroy();
  });
});
