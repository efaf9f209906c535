import { ShaderError } from '../errors.ts';
import { messageOf } from '../shown.ts';
import { attempt, type GuardedDevice, underScopes } from './guarded_device.ts';
import { explainLoss } from './readback.ts';
import { placeOfLine, type Shader } from './shader.ts';
import { untilDone } from './waiting.ts';

/** Workgroups in x, y, z. */
export type WorkgroupCounts = readonly [number, number?, number?];

/** A shader's override constants. */
export type Constants<Name extends string> = Readonly<Record<Name, number>>;

/** A kernel compiled for a device. */
export interface LoadedKernel<Dims extends Record<string, number>, Override extends string = string> {
  readonly name: string;
  readonly shader: Shader;
  readonly overrides: Constants<Override>;
  readonly pipeline: GPUComputePipeline;
  /** Layouts of its groups. They could be queried from the pipeline, but on a lost device Firefox reports that as an error. */
  readonly groups: readonly GPUBindGroupLayout[];
  readonly grid: (dims: Dims) => WorkgroupCounts;
}

/** The group of the uniform that is bound with a dynamic offset per step. */
export const STEP_GROUP = 1;

const pending = new Set<Promise<unknown>>();

/**
 * Waits until no kernel is being compiled, at most `ms`. A process that ends while NVIDIA's compiler is running crashes
 * (driver 580, Linux).
 */
export async function compiled(ms: number): Promise<void> {
  if (pending.size === 0) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([Promise.allSettled(pending), late]);
  clearTimeout(timer);
}

/** Compiles a shader with its entry point of the same name. @throws ShaderError quoting file, line and source. */
export async function compile<Dims extends Record<string, number>, Override extends string>(
  guarded: GuardedDevice,
  shader: Shader,
  grid: (dims: Dims, overrides: Constants<Override>) => WorkgroupCounts,
  overrides: Constants<Override>,
): Promise<LoadedKernel<Dims, Override>> {
  const label = shader.name;
  const device = guarded.raw;
  // an invalid shader is reported by its pipeline's rejection, not to the caller's error handlers
  const { result } = underScopes(device, () => attempt(`kernel '${label}'`, create));
  function create() {
    const module = device.createShaderModule({ label, code: shader.code });
    const groups = Math.max(...shader.bindings.map((binding) => binding.group)) + 1;
    const bindGroupLayouts = Array.from({ length: groups }, (_, group) =>
      device.createBindGroupLayout({
        label: `${label} group ${group}`,
        entries: shader.bindings
          .filter((binding) => binding.group === group)
          .map(({ binding, type }) => ({
            binding,
            visibility: GPUShaderStage.COMPUTE,
            buffer: { type, hasDynamicOffset: group === STEP_GROUP },
          })),
      }),
    );
    const layout = device.createPipelineLayout({ label, bindGroupLayouts });
    const compute = { module, entryPoint: label, constants: overrides };
    return { module, bindGroupLayouts, pending: device.createComputePipelineAsync({ label, layout, compute }) };
  }
  pending.add(result.pending);
  try {
    const pipeline = await untilDone(result.pending);
    const groups = result.bindGroupLayouts;
    return { name: label, shader, overrides, pipeline, groups, grid: (dims) => grid(dims, overrides) };
  } catch (error) {
    const failed = new ShaderError(await explain(shader, result.module, error), { cause: error });
    throw await explainLoss(guarded, failed);
  } finally {
    pending.delete(result.pending);
  }
}

async function explain(shader: Shader, module: GPUShaderModule, error: unknown): Promise<string> {
  const lines = shader.code.split('\n');
  const noMessages = (): Pick<GPUCompilationInfo, 'messages'> => ({ messages: [] });
  const { messages } = await module.getCompilationInfo().catch(noMessages); // Chrome rejects when the device is lost
  const quoted = messages
    .filter((message) => message.type === 'error')
    .map(({ lineNum, message }) => {
      return `${placeOfLine(shader, lineNum)}: ${message}\n    ${lines[lineNum - 1] ?? ''}`;
    });
  return `${shader.name}: the shader did not compile.\n${quoted.join('\n') || messageOf(error)}`;
}
