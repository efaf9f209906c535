import quadLanesShader from '../../shaders/quad_lanes.wgsl';
import { ShaderError } from '../errors.ts';
import { compile } from './compile.ts';
import { DispatchBuilder, record } from './dispatch.ts';
import { during, GuardedDevice } from './guarded_device.ts';
import { readRegions } from './readback.ts';
import { readShader } from './shader.ts';
import { createTensor } from './tensor.ts';

/** Lanes of the probe's workgroup. */
const LANES = 256;

const known = new WeakMap<GPUDevice, Promise<boolean>>();

/**
 * Whether a device has subgroups, and their quads are four consecutive lanes of a workgroup, as kernels with quads assume. WGSL
 * leaves that to the device, so this measures it, once per device.
 */
export function hasQuads(device: GuardedDevice): Promise<boolean> {
  if (!device.features.has('subgroups')) return Promise.resolve(false);
  const answer = known.get(device.raw) ?? probe(new GuardedDevice(device.raw));
  known.set(device.raw, answer);
  answer.catch(() => known.delete(device.raw)); // a lost device
  return answer;
}

/** Whether a device does not accept a shader, rather than fails to compile it. */
const isInvalid = (error: unknown): boolean =>
  error instanceof ShaderError && (error.cause as Partial<GPUPipelineError>).reason === 'validation';

async function probe(device: GuardedDevice): Promise<boolean> {
  const shader = readShader(quadLanesShader);
  const kernel = await compile(device, shader, () => [1], shader.overrides).catch((error: unknown) => {
    if (isInvalid(error)) return undefined; // wgpu has subgroups, but no quads
    throw error;
  });
  if (!kernel) return false;
  return during(device, async (scope) => {
    const answers = createTensor(scope, 'is_quad', [LANES]);
    const dispatch = new DispatchBuilder(scope, 'quads').dispatch(kernel, {}, { is_quad: answers });
    const [read] = await readRegions(scope, [answers], (encoder) => {
      const pass = encoder.beginComputePass({ label: 'quads' });
      record(pass, [dispatch]);
      pass.end();
    });
    return new Uint32Array(read!.buffer).every((answer) => answer === 1);
  });
}
